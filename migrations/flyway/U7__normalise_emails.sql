-- Exactly the rows that the migration wrote have an address as entered.
UPDATE customers
   SET email = email_as_entered,
       email_as_entered = NULL
 WHERE email_as_entered IS NOT NULL;
