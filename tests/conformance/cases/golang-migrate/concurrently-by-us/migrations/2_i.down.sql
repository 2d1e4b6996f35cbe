drop index concurrently a_id;
