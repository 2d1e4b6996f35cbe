create table b (a_id int);
