create table b (id int);
insert into b values (1), (2);
create index on b (id);
