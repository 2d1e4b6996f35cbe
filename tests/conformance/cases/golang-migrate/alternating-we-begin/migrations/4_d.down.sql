drop table d;
