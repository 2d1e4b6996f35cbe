CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  -- one; two
  RETURN 1;
END;
$$;
