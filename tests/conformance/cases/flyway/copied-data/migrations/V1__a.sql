create table a (id int, t text);
copy a (id, t) from stdin;
1	a;b
2	\N
\.
select 1;
