INSERT INTO log VALUES (2);
SELECT pg_sleep(0.3);
