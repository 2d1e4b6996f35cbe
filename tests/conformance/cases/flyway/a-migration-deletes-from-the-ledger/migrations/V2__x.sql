delete from flyway_schema_history where version = '1';
