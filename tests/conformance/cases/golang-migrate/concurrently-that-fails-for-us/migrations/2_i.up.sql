create unique index concurrently a_id on a (id);
