-- From when a key makes tokens: it is published before, so that whoever checks tokens knows it by then. NULL, in rows of
-- earlier releases, is the time at which it was made.

ALTER TABLE keys ADD COLUMN signs_from bigint;
