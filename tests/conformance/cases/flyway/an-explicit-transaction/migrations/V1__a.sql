begin;
create table a ();
commit;
