create table nor ();
