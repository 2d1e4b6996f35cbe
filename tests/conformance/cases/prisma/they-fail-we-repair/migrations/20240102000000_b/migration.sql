CREATE TABLE b (id int);
SELECT 1 / 0;
