create table zero (id int primary key);
