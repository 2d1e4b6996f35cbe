create table m (i int);
vacuum m;
