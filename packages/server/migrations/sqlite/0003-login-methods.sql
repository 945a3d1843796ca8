-- How a login came in, in the audit: `door` is `method` now, and `key` of a cloud function's login is `cloudKeyId`. A
-- migration of its own, so that nothing but these rows is held while they are written.

UPDATE audit_events SET detail = replace(replace(replace(replace(detail,
    '"door":"code"', '"method":"code"'),
    '"door":"cloud"', '"method":"cloud-function"'),
    '"door":"container"', '"method":"cloud-run"'),
    '"key":', '"cloudKeyId":')
  WHERE kind = 'login' AND detail LIKE '%"door":%';
