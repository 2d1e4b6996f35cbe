create schema other;
create table other.a (id int);
