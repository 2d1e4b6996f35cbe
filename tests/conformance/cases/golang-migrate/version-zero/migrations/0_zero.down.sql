drop table zero;
