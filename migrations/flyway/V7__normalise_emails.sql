-- "Ann@Example.org " and "ann@example.org" are one customer. Only rows that change are written, and each
-- keeps what was entered: support asks for it, and the undo script puts it back.
UPDATE customers
   SET email_as_entered = email,
       email = lower(btrim(email))
 WHERE email <> lower(btrim(email));
