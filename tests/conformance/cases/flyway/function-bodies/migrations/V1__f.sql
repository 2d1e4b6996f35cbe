create function f() returns text language plpgsql as $body$
begin
  return 'a;b' || $$;$$;
end
$body$;
create function g() returns int language sql begin atomic select 1; select case when true then 2 end; end;
create table "odd;name" (x text default 'it''s; so');
