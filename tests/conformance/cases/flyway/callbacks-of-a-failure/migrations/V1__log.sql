create table log (id serial, said text);
