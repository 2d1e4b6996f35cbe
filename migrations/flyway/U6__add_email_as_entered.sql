ALTER TABLE customers DROP COLUMN email_as_entered;
