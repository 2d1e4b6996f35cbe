create table if not exists x ();
