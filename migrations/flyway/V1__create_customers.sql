-- Who buys from us. An e-mail address is what a customer signs in with; phone and fax are optional.
CREATE TABLE customers (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email      text NOT NULL,
    full_name  text NOT NULL,
    phone      text,
    fax        text,
    created_at timestamptz NOT NULL DEFAULT now()
);
