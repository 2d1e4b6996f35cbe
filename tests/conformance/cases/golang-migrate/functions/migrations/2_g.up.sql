create view v as select f() as n, 'a;b' as t;
