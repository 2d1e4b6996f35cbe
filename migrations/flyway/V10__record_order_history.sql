-- The database writes the history, so that no client can forget to. Names are qualified inside the function:
-- it must find its table under whatever search_path the client has.
CREATE FUNCTION record_order_history() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO public.order_history (order_id, old_status, new_status)
    VALUES (new.id, old.status, new.status);
    RETURN NULL;  -- ignored: the trigger fires after the row is written
END;
$body$;

CREATE TRIGGER orders_record_history
    AFTER UPDATE OF status ON orders
    FOR EACH ROW
    WHEN (old.status IS DISTINCT FROM new.status)
    EXECUTE FUNCTION record_order_history();
