create table not_this ();
