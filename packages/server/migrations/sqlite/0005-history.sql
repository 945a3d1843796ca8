-- What is looked up has an index, and what is past costs nothing: sessions that live stand apart from those that ended,
-- in the index that every login reads.

DROP INDEX sessions_by_user;
CREATE INDEX sessions_live ON sessions (user_id, app_id, id) WHERE ended IS NULL;
CREATE INDEX sessions_ended ON sessions (user_id) WHERE ended IS NOT NULL;
DROP INDEX sessions_by_cloud_key;
CREATE INDEX sessions_by_cloud_key ON sessions (cloud_key_id) WHERE cloud_key_id IS NOT NULL AND ended IS NULL;

-- A code and the session it led to bear the same time, by which the code is found.
DROP INDEX login_codes_by_session;
CREATE INDEX spent_assertions_by_age ON spent_assertions (expires_at);

-- For operators, newest first.
CREATE INDEX audit_events_by_user ON audit_events (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_events_by_kind ON audit_events (kind) WHERE kind <> 'login';
CREATE INDEX unifications_by_age ON unifications (created_at, id);
CREATE INDEX conflicts_by_age ON conflicts (first_seen_at, id);
CREATE INDEX conflicts_open ON conflicts (first_seen_at, id) WHERE decision IS NULL;

CREATE INDEX outbox_claimed ON outbox (claimed_at) WHERE delivered_at IS NULL AND claimed_at IS NOT NULL;

-- The places where earlier sweeps stopped say nothing to those of today.
DELETE FROM settings WHERE name IN ('sweep sessions', 'sweep identities', 'sweep audit_events');
