create table b as select version, success from flyway_schema_history;
