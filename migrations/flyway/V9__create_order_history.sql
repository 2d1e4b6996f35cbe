-- What happened to an order and when: the audit trail behind "where is my parcel?".
CREATE TABLE order_history (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id   bigint NOT NULL REFERENCES orders (id),
    old_status order_status NOT NULL,
    new_status order_status NOT NULL,
    changed_by text NOT NULL DEFAULT current_user,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX order_history_order_id_idx ON order_history (order_id);
