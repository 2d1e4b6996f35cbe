drop table u;
