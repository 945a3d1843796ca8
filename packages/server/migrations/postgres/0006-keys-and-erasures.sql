-- From when a key makes tokens: it is published before, so that whoever checks tokens knows it by then. NULL, in rows of
-- earlier releases, is the time at which it was made.

ALTER TABLE keys ADD COLUMN signs_from bigint;

-- Who was erased, as keyed hashes of their ids: applied again to a backup that still holds them.
CREATE TABLE erasures (
  hash text COLLATE "C" PRIMARY KEY,
  at   bigint NOT NULL
);

CREATE INDEX erasures_by_time ON erasures (at, hash);
