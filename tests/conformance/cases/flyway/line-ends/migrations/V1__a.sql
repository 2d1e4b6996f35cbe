create table a (id int);

select 1;
