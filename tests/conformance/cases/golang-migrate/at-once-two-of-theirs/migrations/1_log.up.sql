create table log (n int);
