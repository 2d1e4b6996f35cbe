create or replace view w as select '${x}' as x;
