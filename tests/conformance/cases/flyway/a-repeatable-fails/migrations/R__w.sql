create or replace view w as select 1/0 as x from a where 1/0 = 1; select 1/0;
