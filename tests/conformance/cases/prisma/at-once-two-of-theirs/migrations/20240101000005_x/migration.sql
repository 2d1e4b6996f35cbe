INSERT INTO log VALUES (5);
SELECT pg_sleep(0.3);
