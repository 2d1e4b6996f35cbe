-- Expand: a place for the address exactly as the customer typed it, before the next migration normalises it.
-- Nullable and without a default, so adding it is a change of the catalog alone.
ALTER TABLE customers ADD COLUMN email_as_entered text;
