-- One row per order. The reference is what the customer reads on the invoice; the id never leaves the house.
CREATE TABLE orders (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference   text NOT NULL UNIQUE,
    customer_id bigint NOT NULL REFERENCES customers (id),
    status      order_status NOT NULL DEFAULT 'new',
    note        text,
    placed_at   timestamptz NOT NULL DEFAULT now()
);

-- "My orders" asks for one customer's, newest first; it serves the foreign key too.
CREATE INDEX orders_customer_id_placed_at_idx ON orders (customer_id, placed_at DESC);
