drop index b_a;
