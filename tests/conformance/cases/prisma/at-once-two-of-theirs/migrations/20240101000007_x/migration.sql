INSERT INTO log VALUES (7);
SELECT pg_sleep(0.3);
