SELECT pg_sleep(4);
CREATE TABLE a (id int);
