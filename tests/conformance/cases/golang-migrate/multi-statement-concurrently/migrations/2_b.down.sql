drop index concurrently b_id;
drop table b, b2;
