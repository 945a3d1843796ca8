-- Times are milliseconds since 1970 in UTC. Sealed columns are AES-256-GCM, bound to the row they stand in.
-- Text is compared byte by byte (COLLATE "C"), so that ids sort here as they sort everywhere else.

CREATE TABLE settings (
  name  text COLLATE "C" PRIMARY KEY,
  value text COLLATE "C" NOT NULL
);

INSERT INTO settings (name, value) VALUES ('revision', '0');

CREATE TABLE keys (
  number     bigint PRIMARY KEY,
  purpose    text COLLATE "C" NOT NULL CHECK (purpose IN ('signing', 'refresh')),
  algorithm  text COLLATE "C" NOT NULL,
  sealed     text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  retired_at bigint
);

CREATE TABLE realms (
  id         text COLLATE "C" PRIMARY KEY,
  name       text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL
);

CREATE TABLE apps (
  id            text COLLATE "C" PRIMARY KEY,
  realm_id      text COLLATE "C" NOT NULL REFERENCES realms (id),
  kind          text COLLATE "C" NOT NULL,
  name          text COLLATE "C" NOT NULL,
  secret_sealed text COLLATE "C" NOT NULL,
  origins       text COLLATE "C" NOT NULL,
  created_at    bigint NOT NULL
);

CREATE TABLE users (
  id          text COLLATE "C" PRIMARY KEY,
  realm_id    text COLLATE "C" NOT NULL REFERENCES realms (id),
  status      text COLLATE "C" NOT NULL CHECK (status IN ('active', 'blocked', 'unified', 'deleted')),
  created_at  bigint NOT NULL,
  union_id    text COLLATE "C",
  survivor_id text COLLATE "C" REFERENCES users (id),
  CHECK ((status = 'unified') = (survivor_id IS NOT NULL)),
  CHECK (union_id IS NULL OR status IN ('active', 'blocked'))
);

-- One user per person: the key that keeps a unionid from having two.
CREATE UNIQUE INDEX users_by_union_id ON users (realm_id, union_id) WHERE union_id IS NOT NULL;
CREATE INDEX users_by_survivor ON users (survivor_id) WHERE survivor_id IS NOT NULL;

-- Every login writes its identity and every refresh its session, without touching an index: room is left on each page
-- for the next version of a row.
CREATE TABLE identities (
  app_id             text COLLATE "C" NOT NULL REFERENCES apps (id),
  open_id            text COLLATE "C" NOT NULL,
  user_id            text COLLATE "C" NOT NULL REFERENCES users (id),
  pinned             integer NOT NULL DEFAULT 0,
  first_seen_at      bigint NOT NULL,
  last_seen_at       bigint NOT NULL,
  session_key_sealed bytea,
  session_key_at     bigint,
  PRIMARY KEY (app_id, open_id) -- one owner per person per app
) WITH (fillfactor = 80);

CREATE INDEX identities_by_user ON identities (user_id);

CREATE TABLE sessions (
  id                  text COLLATE "C" PRIMARY KEY,
  user_id             text COLLATE "C" NOT NULL REFERENCES users (id),
  app_id              text COLLATE "C" NOT NULL,
  open_id             text COLLATE "C" NOT NULL,
  created_at          bigint NOT NULL,
  last_used_at        bigint NOT NULL,
  generation          bigint NOT NULL,
  key_number          bigint NOT NULL,
  salt                bytea NOT NULL,
  previous_key_number bigint,
  previous_salt       bytea,
  rotated_at          bigint NOT NULL,
  ended               text COLLATE "C",
  cloud_key_id        text COLLATE "C"
) WITH (fillfactor = 80);

CREATE INDEX sessions_by_user ON sessions (user_id, app_id);
CREATE INDEX sessions_by_cloud_key ON sessions (cloud_key_id) WHERE cloud_key_id IS NOT NULL;

CREATE TABLE cloud_keys (
  id         text COLLATE "C" PRIMARY KEY,
  app_id     text COLLATE "C" NOT NULL REFERENCES apps (id),
  public_jwk text COLLATE "C" NOT NULL,
  union_id   text COLLATE "C" NOT NULL CHECK (union_id IN ('trust', 'ignore')),
  created_at bigint NOT NULL,
  revoked_at bigint
);

CREATE TABLE spent_assertions (
  key_id     text COLLATE "C" NOT NULL,
  jti        text COLLATE "C" NOT NULL,
  expires_at bigint NOT NULL,
  PRIMARY KEY (key_id, jti)
);

CREATE TABLE login_codes (
  app_id     text COLLATE "C" NOT NULL,
  code_hash  bytea NOT NULL,
  nonce_hash bytea,
  session_id text COLLATE "C",
  is_new     integer NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (app_id, code_hash)
);

CREATE INDEX login_codes_by_age ON login_codes (created_at);

CREATE TABLE unifications (
  id          text COLLATE "C" PRIMARY KEY,
  realm_id    text COLLATE "C" NOT NULL REFERENCES realms (id),
  survivor_id text COLLATE "C" NOT NULL REFERENCES users (id),
  absorbed_id text COLLATE "C" NOT NULL REFERENCES users (id),
  detail      text COLLATE "C" NOT NULL,
  created_at  bigint NOT NULL,
  undone_at   bigint
);

CREATE INDEX unifications_by_survivor ON unifications (survivor_id);
CREATE INDEX unifications_by_absorbed ON unifications (absorbed_id);

CREATE TABLE conflicts (
  id            text COLLATE "C" PRIMARY KEY,
  app_id        text COLLATE "C" NOT NULL,
  open_id       text COLLATE "C" NOT NULL,
  union_id      text COLLATE "C" NOT NULL,
  user_id       text COLLATE "C" NOT NULL REFERENCES users (id),
  holder_id     text COLLATE "C" REFERENCES users (id),
  count         bigint NOT NULL,
  first_seen_at bigint NOT NULL,
  last_seen_at  bigint NOT NULL,
  decision      text COLLATE "C" CHECK (decision IN ('keep', 'accept')),
  decided_at    bigint,
  UNIQUE (app_id, open_id, union_id)
);

CREATE INDEX conflicts_by_user ON conflicts (user_id);

CREATE TABLE audit_events (
  seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         bigint NOT NULL,
  kind       text COLLATE "C" NOT NULL,
  actor      text COLLATE "C" NOT NULL,
  user_id    text COLLATE "C",
  app_id     text COLLATE "C",
  session_id text COLLATE "C",
  outcome    text COLLATE "C" NOT NULL,
  request_id text COLLATE "C",
  detail     text COLLATE "C"
);

CREATE TABLE outbox (
  seq          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at           bigint NOT NULL,
  kind         text COLLATE "C" NOT NULL,
  user_id      text COLLATE "C" NOT NULL,
  detail       text COLLATE "C" NOT NULL,
  claimed_at   bigint,
  delivered_at bigint
);

CREATE INDEX outbox_waiting ON outbox (seq) WHERE delivered_at IS NULL;
