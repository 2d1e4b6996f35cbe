create table e ();
