drop table c;
