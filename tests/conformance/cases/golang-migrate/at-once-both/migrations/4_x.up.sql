insert into log values (4);
select pg_sleep(0.1);
