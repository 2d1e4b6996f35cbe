create table a (t text default 'é');
