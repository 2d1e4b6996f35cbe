create table x ();
select 1/0;
