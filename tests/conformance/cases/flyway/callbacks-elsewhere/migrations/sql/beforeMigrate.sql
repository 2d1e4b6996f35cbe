create table not_me ();
