drop schema other cascade;
