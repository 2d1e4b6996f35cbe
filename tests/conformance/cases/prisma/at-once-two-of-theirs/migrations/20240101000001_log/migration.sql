CREATE TABLE log (n int);
