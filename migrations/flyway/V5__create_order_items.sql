-- The lines of an order. The price is copied from the product, because the product's may change tomorrow.
CREATE TABLE order_items (
    order_id         bigint NOT NULL REFERENCES orders (id),
    line             integer NOT NULL,
    product_id       bigint NOT NULL REFERENCES products (id),
    quantity         integer NOT NULL,
    unit_price_cents bigint NOT NULL,
    PRIMARY KEY (order_id, line)
);

CREATE INDEX order_items_product_id_idx ON order_items (product_id);
