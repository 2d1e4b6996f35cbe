begin;
drop table b;
commit;
