drop table nobody;
