-- PostgreSQL cannot take a validation back; a constraint that was never validated is put in its place.
ALTER TABLE order_items
    DROP CONSTRAINT order_items_quantity_positive,
    ADD CONSTRAINT order_items_quantity_positive CHECK (quantity > 0) NOT VALID;
