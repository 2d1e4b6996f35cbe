create or replace view w as select ${num} as n;
