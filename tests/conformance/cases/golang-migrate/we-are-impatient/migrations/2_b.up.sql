select pg_sleep(4);
create table b (id int);
