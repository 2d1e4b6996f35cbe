INSERT INTO log VALUES (6);
SELECT pg_sleep(0.3);
