do $$ begin if to_regclass('log') is not null then insert into log (said) values ('afterValidate'); end if; end $$;
