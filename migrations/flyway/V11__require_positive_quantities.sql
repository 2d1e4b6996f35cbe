-- New rows are held to it at once. NOT VALID leaves the rows already there unread, so the strong lock is short;
-- the next migration checks them.
ALTER TABLE order_items
    ADD CONSTRAINT order_items_quantity_positive CHECK (quantity > 0) NOT VALID;
