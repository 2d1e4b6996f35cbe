BEGIN;
create table b (id int);
create index on b (id);
COMMIT;
