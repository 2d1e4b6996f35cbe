drop table c;
select 1 / 0;
