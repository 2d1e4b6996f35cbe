create index b_a on b (a_id);
