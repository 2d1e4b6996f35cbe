create table "Größe" (id int);
comment on table "Größe" is 'naïve — 日本';
