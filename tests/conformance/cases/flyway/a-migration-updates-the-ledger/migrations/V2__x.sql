update flyway_schema_history set description = 'y' where version = '1';
