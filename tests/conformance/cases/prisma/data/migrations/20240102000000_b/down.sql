UPDATE t SET name = substr(name, 2);
