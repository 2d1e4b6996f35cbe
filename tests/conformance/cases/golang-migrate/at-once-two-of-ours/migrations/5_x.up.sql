insert into log values (5);
select pg_sleep(0.1);
