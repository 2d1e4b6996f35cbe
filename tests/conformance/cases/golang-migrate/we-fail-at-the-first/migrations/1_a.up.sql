create tabel a ();
