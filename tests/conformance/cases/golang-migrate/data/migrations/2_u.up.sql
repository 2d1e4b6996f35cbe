update t set name = 'x' || name;
