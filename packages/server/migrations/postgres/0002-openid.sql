-- openid and unionid in one spelling, as WeChat has it. Renaming touches the schema alone, not the rows; the index
-- users_by_union_id keeps its name, as it does in SQLite.

ALTER TABLE users RENAME COLUMN union_id TO unionid;
ALTER TABLE identities RENAME COLUMN open_id TO openid;
ALTER TABLE sessions RENAME COLUMN open_id TO openid;
ALTER TABLE conflicts RENAME COLUMN open_id TO openid;
ALTER TABLE conflicts RENAME COLUMN union_id TO unionid;
ALTER TABLE cloud_keys RENAME COLUMN union_id TO unionid;

-- What unifications wrote down about themselves is JSON of ours; an id holds no quotation mark.
UPDATE unifications SET detail = replace(replace(detail, '"openId":', '"openid":'), '"unionId":', '"unionid":')
  WHERE detail <> '{}';

-- For deleting a user, who may be named by conflicts of others and by codes.
CREATE INDEX conflicts_by_holder ON conflicts (holder_id) WHERE holder_id IS NOT NULL;
CREATE INDEX login_codes_by_session ON login_codes (session_id) WHERE session_id IS NOT NULL;
