do $$ begin if to_regclass('log') is not null then insert into log (said) values ('beforeRepeatables'); end if; end $$;
