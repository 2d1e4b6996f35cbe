insert into log values (3);
select pg_sleep(0.1);
