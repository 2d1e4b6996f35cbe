create table if not exists me ();
