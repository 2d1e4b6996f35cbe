create table b (id int);
create index concurrently b_id on b (id);
create table b2 (id int);
