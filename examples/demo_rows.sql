-- A few thousand rows for the example shop as it is at version 5 of migrations/flyway.
-- No random numbers and no clock: two runs on empty tables give the same rows, which a proof about data needs.
-- Plain SQL in any client; run it in one transaction, as the owner of the tables.

INSERT INTO customers (email, full_name, phone, fax, created_at)
SELECT CASE n % 7
           WHEN 0 THEN 'Customer.' || n || '@Example.ORG'
           WHEN 3 THEN '  customer.' || n || '@example.org '
           ELSE 'customer.' || n || '@example.org'
       END,
       (ARRAY['Ada', 'Björn', 'Chloé', 'Dàvid', 'Ewa', 'Fatma', 'Gérard', 'Hye-jin'])[1 + n % 8] || ' '
           || (ARRAY['Ångström', 'Brown', 'Çelik', 'de la Cruz', 'Łukasiewicz', 'O''Neill', '山田'])[1 + n % 7],
       CASE WHEN n % 3 <> 0 THEN '+49 30 ' || lpad((n * 7919 % 1000000)::text, 6, '0') END,
       CASE WHEN n % 5 = 0 THEN '+49 30 ' || lpad((n * 104729 % 1000000)::text, 6, '0') END,
       timestamptz '2023-01-01 08:00:00+00' + n * interval '97 minutes'
  FROM generate_series(1, 600) AS n
 ORDER BY n;

-- The rows that migrations tend to trip over: empty text, quotes, backslashes, line ends, right-to-left, emoji.
INSERT INTO customers (email, full_name, phone, fax, created_at) VALUES
    ('ÜMIT@EXAMPLE.ORG', 'Ümit Öztürk', '', NULL, '2024-02-29 23:59:59.999999+00'),
    ('"quoted local"@example.org', 'Robert''); DROP TABLE customers;--', NULL, '', '2023-03-26 02:30:00+01'),
    (E'tab\t@Example.org', E'Two\nLines', E'back\\slash', NULL, 'infinity'),
    ('emoji@example.org', '🛒 ' || repeat('long name ', 400), NULL, NULL, '1970-01-01 00:00:00+00'),
    ('rtl@example.org', 'שלום عالم', '%s $1 ${x} {}', '\N', '-infinity');

INSERT INTO products (sku, name, price_cents, discontinued_at)
SELECT 'SKU-' || lpad(n::text, 4, '0'),
       (ARRAY['Lamp', 'Chair', 'Desk', 'Shelf', 'Crème brûlée set'])[1 + n % 5] || ' No. ' || n,
       CASE WHEN n = 1 THEN 0 WHEN n = 2 THEN 9007199254740993 ELSE n * 7919 % 50000 + 99 END,
       CASE WHEN n % 11 = 0 THEN timestamptz '2024-06-30 22:00:00+00' END
  FROM generate_series(1, 120) AS n
 ORDER BY n;

INSERT INTO orders (reference, customer_id, status, note, placed_at)
SELECT 'S-' || lpad(n::text, 6, '0'),
       c.id,
       (ARRAY['new', 'paid', 'shipped', 'delivered', 'delivered', 'delivered', 'cancelled'])[1 + n % 7]::order_status,
       CASE WHEN n % 10 = 0 THEN 'Please leave it at the neighbour''s.' WHEN n % 10 = 5 THEN '' END,
       timestamptz '2024-01-01 00:00:00+00' + n * interval '211 minutes'
  FROM generate_series(1, 2000) AS n
  JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM customers) AS c
    ON c.place = 1 + n * 7919 % 605
 ORDER BY n;

-- Zero to four lines an order; an order without lines is a cart that was never filled.
INSERT INTO order_items (order_id, line, product_id, quantity, unit_price_cents)
SELECT o.id, line, p.id, 1 + (o.place * line) % 5, p.price_cents
  FROM (SELECT id, row_number() OVER (ORDER BY reference) AS place FROM orders) AS o
 CROSS JOIN LATERAL generate_series(1, (o.place * 31 % 5)::integer) AS line
  JOIN products AS p ON p.sku = 'SKU-' || lpad((3 + o.place * (line + 12) % 118)::text, 4, '0')
 ORDER BY o.place, line;
