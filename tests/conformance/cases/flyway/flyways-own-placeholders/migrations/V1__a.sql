do $$
begin
  if '${flyway:user}' <> current_user or '${flyway:database}' <> current_database()
     or '${flyway:defaultSchema}' <> 'public' or '${flyway:filename}' <> 'V1__a.sql'
     or '${flyway:table}' <> 'flyway_schema_history' or '${flyway:environment}' <> 'default'
     or abs(extract(epoch from now() - '${flyway:timestamp}'::timestamp::timestamptz)) > 90000 then
    raise exception 'not so: ${flyway:user} ${flyway:timestamp}';
  end if;
end
$$;
