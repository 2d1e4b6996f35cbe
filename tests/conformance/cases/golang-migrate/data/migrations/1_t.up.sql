create table t (id int primary key, name text);
insert into t select n, n::text from generate_series(1, 100) n;
