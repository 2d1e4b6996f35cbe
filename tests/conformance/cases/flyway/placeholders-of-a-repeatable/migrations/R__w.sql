create or replace view w as select '${flyway:filename}' as f, '${flyway:table}' as t;
