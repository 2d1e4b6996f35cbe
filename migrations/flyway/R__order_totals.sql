-- What each order is worth. Built on columns that every release since V5 has, so it may be run at any version.
CREATE OR REPLACE VIEW order_totals AS
SELECT o.id AS order_id,
       o.reference,
       o.customer_id,
       o.status,
       count(i.line) AS lines,
       coalesce(sum(i.quantity * i.unit_price_cents), 0) AS total_cents
  FROM orders o
  LEFT JOIN order_items i ON i.order_id = o.id
 GROUP BY o.id;
