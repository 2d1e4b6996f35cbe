create table b (id int);
select 1 / 0;
