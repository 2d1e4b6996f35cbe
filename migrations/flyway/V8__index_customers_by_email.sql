-- One account per address, from here on enforced. CONCURRENTLY, because customers sign in while it is built;
-- it cannot run in a transaction, so it stands alone in its file.
CREATE UNIQUE INDEX CONCURRENTLY customers_email_idx ON customers (email);
