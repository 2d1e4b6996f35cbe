create table b (id int);
create index concurrently on a (id);
