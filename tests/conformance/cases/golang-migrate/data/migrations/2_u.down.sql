update t set name = substr(name, 2);
