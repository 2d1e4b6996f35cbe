insert into log values (7);
select pg_sleep(0.1);
