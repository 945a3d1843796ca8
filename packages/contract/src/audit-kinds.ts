/** Every kind of audit event, as `GET /admin/v1/events` lists and filters them. */
export const AUDIT_KINDS = [
  'login',
  'login_refused',
  'code_replayed',
  'refresh_reused',
  'refresh_repeated',
  'session_ended',
  'user_unified',
  'unification_undone',
  'conflict_recorded',
  'conflict_resolved',
  'user_blocked',
  'user_unblocked',
  'user_deleted',
  'realm_added',
  'app_added',
  'app_changed',
  'app_removed',
  'cloud_key_added',
  'cloud_key_revoked',
  'key_made',
  'backup_made',
] as const

/** One of `AUDIT_KINDS`: what an audit event says has happened, or was refused. */
export type AuditKind = (typeof AUDIT_KINDS)[number]
