insert into log values (2);
select pg_sleep(0.1);
