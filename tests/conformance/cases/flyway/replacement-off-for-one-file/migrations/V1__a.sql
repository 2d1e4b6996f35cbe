create table a (x text default '${t}');
