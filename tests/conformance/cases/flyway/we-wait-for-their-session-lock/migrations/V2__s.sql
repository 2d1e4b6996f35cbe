select pg_sleep(1);
create table s ();
