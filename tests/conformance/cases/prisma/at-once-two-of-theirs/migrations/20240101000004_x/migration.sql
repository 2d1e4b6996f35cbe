INSERT INTO log VALUES (4);
SELECT pg_sleep(0.3);
