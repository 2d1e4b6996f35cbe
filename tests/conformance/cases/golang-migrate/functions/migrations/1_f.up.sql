create function f() returns int language plpgsql as $$
begin
  -- a semicolon; in a comment
  return 1;
end;
$$;
