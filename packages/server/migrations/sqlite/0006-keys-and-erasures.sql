-- From when a key makes tokens: it is published before, so that whoever checks tokens knows it by then. NULL, in rows of
-- earlier releases, is the time at which it was made.

ALTER TABLE keys ADD COLUMN signs_from INTEGER;

-- Who was erased, as keyed hashes of their ids: applied again to a backup that still holds them.
CREATE TABLE erasures (
  hash TEXT PRIMARY KEY,
  at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX erasures_by_time ON erasures (at, hash);
