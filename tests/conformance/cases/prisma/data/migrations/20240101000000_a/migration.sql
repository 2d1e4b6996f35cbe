CREATE TABLE t (id int PRIMARY KEY, name text);
INSERT INTO t SELECT n, n::text FROM generate_series(1, 100) AS n;
