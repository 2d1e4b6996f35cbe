-- Contract: no release of the shop has read or written the column for a year.
-- pipeline: irreversible reason="the fax numbers are gone with their column; only the backup still has them"
ALTER TABLE customers DROP COLUMN fax;
