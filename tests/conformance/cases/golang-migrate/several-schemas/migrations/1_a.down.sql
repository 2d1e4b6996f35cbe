drop table a, other.a;
