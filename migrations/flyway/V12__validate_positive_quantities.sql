-- Reads the whole table, but under a lock that lets everybody read and write meanwhile.
ALTER TABLE order_items VALIDATE CONSTRAINT order_items_quantity_positive;
