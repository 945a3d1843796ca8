/** The closed sets of Hufu's wire as data. The types beside them are derived from these tables. */
export { APP_KINDS } from './app-kinds.ts'
export { AUDIT_KINDS } from './audit-kinds.ts'
export { LOGIN_METHODS } from './login-methods.ts'
export { OUTBOX_KINDS } from './outbox-kinds.ts'
export { PROBLEMS } from './problem-codes.ts'
