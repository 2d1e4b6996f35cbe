create table a (x text default '$${t}', y text default '$$${t}');
