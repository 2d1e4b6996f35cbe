create table ${t} ();
