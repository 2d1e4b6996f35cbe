create table ${t} (id int); -- ${T}
