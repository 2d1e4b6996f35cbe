create table b (id int);
insert into b values (1);
select 1 / 0;
