create table b (t text default 'é');
