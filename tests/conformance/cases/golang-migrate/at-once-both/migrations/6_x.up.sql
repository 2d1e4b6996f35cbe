insert into log values (6);
select pg_sleep(0.1);
