UPDATE t SET name = 'x' || name;
