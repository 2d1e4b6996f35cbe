create table a (id int);
create table other.a (id int);
