DROP TRIGGER orders_record_history ON orders;
DROP FUNCTION record_order_history();
