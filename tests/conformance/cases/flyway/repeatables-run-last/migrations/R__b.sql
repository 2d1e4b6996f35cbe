create or replace view vb as select * from a;
