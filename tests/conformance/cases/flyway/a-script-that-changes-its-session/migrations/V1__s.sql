set search_path = pg_catalog;
set work_mem = '1MB';
