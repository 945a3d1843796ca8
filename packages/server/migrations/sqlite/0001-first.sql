-- Times are milliseconds since 1970 in UTC. Sealed columns are AES-256-GCM, bound to the row they stand in.

CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO settings (name, value) VALUES ('revision', '0');

CREATE TABLE keys (
  number     INTEGER PRIMARY KEY,
  purpose    TEXT NOT NULL CHECK (purpose IN ('signing', 'refresh')),
  algorithm  TEXT NOT NULL,
  sealed     TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  retired_at INTEGER
) STRICT;

CREATE TABLE realms (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE apps (
  id            TEXT PRIMARY KEY,
  realm_id      TEXT NOT NULL REFERENCES realms (id),
  kind          TEXT NOT NULL,
  name          TEXT NOT NULL,
  secret_sealed TEXT NOT NULL,
  origins       TEXT NOT NULL,
  created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  id          TEXT PRIMARY KEY,
  realm_id    TEXT NOT NULL REFERENCES realms (id),
  status      TEXT NOT NULL CHECK (status IN ('active', 'blocked', 'unified', 'deleted')),
  created_at  INTEGER NOT NULL,
  union_id    TEXT,
  survivor_id TEXT REFERENCES users (id),
  CHECK ((status = 'unified') = (survivor_id IS NOT NULL)),
  CHECK (union_id IS NULL OR status IN ('active', 'blocked'))
) STRICT, WITHOUT ROWID;

-- One user per person: the key that keeps a unionid from having two.
CREATE UNIQUE INDEX users_by_union_id ON users (realm_id, union_id) WHERE union_id IS NOT NULL;
CREATE INDEX users_by_survivor ON users (survivor_id) WHERE survivor_id IS NOT NULL;

CREATE TABLE identities (
  app_id             TEXT NOT NULL REFERENCES apps (id),
  open_id            TEXT NOT NULL,
  user_id            TEXT NOT NULL REFERENCES users (id),
  pinned             INTEGER NOT NULL DEFAULT 0,
  first_seen_at      INTEGER NOT NULL,
  last_seen_at       INTEGER NOT NULL,
  session_key_sealed BLOB,
  session_key_at     INTEGER,
  PRIMARY KEY (app_id, open_id) -- one owner per person per app
) STRICT, WITHOUT ROWID;

CREATE INDEX identities_by_user ON identities (user_id);

CREATE TABLE sessions (
  id                  TEXT PRIMARY KEY,
  user_id             TEXT NOT NULL REFERENCES users (id),
  app_id              TEXT NOT NULL,
  open_id             TEXT NOT NULL,
  created_at          INTEGER NOT NULL,
  last_used_at        INTEGER NOT NULL,
  generation          INTEGER NOT NULL,
  key_number          INTEGER NOT NULL,
  salt                BLOB NOT NULL,
  previous_key_number INTEGER,
  previous_salt       BLOB,
  rotated_at          INTEGER NOT NULL,
  ended               TEXT,
  cloud_key_id        TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id, app_id);
CREATE INDEX sessions_by_cloud_key ON sessions (cloud_key_id) WHERE cloud_key_id IS NOT NULL;

CREATE TABLE cloud_keys (
  id         TEXT PRIMARY KEY,
  app_id     TEXT NOT NULL REFERENCES apps (id),
  public_jwk TEXT NOT NULL,
  union_id   TEXT NOT NULL CHECK (union_id IN ('trust', 'ignore')),
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE spent_assertions (
  key_id     TEXT NOT NULL,
  jti        TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (key_id, jti)
) STRICT, WITHOUT ROWID;

CREATE TABLE login_codes (
  app_id     TEXT NOT NULL,
  code_hash  BLOB NOT NULL,
  nonce_hash BLOB,
  session_id TEXT,
  is_new     INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (app_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX login_codes_by_age ON login_codes (created_at);

CREATE TABLE unifications (
  id          TEXT PRIMARY KEY,
  realm_id    TEXT NOT NULL REFERENCES realms (id),
  survivor_id TEXT NOT NULL REFERENCES users (id),
  absorbed_id TEXT NOT NULL REFERENCES users (id),
  detail      TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  undone_at   INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX unifications_by_survivor ON unifications (survivor_id);
CREATE INDEX unifications_by_absorbed ON unifications (absorbed_id);

CREATE TABLE conflicts (
  id            TEXT PRIMARY KEY,
  app_id        TEXT NOT NULL,
  open_id       TEXT NOT NULL,
  union_id      TEXT NOT NULL,
  user_id       TEXT NOT NULL REFERENCES users (id),
  holder_id     TEXT REFERENCES users (id),
  count         INTEGER NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at  INTEGER NOT NULL,
  decision      TEXT CHECK (decision IN ('keep', 'accept')),
  decided_at    INTEGER,
  UNIQUE (app_id, open_id, union_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX conflicts_by_user ON conflicts (user_id);

CREATE TABLE audit_events (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  at         INTEGER NOT NULL,
  kind       TEXT NOT NULL,
  actor      TEXT NOT NULL,
  user_id    TEXT,
  app_id     TEXT,
  session_id TEXT,
  outcome    TEXT NOT NULL,
  request_id TEXT,
  detail     TEXT
) STRICT;

CREATE TABLE outbox (
  seq          INTEGER PRIMARY KEY AUTOINCREMENT,
  at           INTEGER NOT NULL,
  kind         TEXT NOT NULL,
  user_id      TEXT NOT NULL,
  detail       TEXT NOT NULL,
  claimed_at   INTEGER,
  delivered_at INTEGER
) STRICT;

CREATE INDEX outbox_waiting ON outbox (seq) WHERE delivered_at IS NULL;
