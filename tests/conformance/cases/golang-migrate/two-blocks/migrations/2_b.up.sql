begin;
create table b (id int);
commit;
begin;
create index on b (id);
commit;
