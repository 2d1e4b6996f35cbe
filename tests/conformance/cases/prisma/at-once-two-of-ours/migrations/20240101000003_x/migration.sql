INSERT INTO log VALUES (3);
SELECT pg_sleep(0.3);
