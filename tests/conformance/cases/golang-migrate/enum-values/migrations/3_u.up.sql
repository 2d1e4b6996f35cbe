create table u (t t default 'b');
