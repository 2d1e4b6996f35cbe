create table #[[t]] (x text default '${t}');
