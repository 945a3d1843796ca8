/** Everything that the product is told of, through the outbox and `onEvent`. */
export const OUTBOX_KINDS = [
  'user.created',
  'user.unified',
  'user.split',
  'user.blocked',
  'user.unblocked',
  'user.deleted',
] as const

/** One of `OUTBOX_KINDS`: what has happened to the user that the event names. */
export type OutboxKind = (typeof OUTBOX_KINDS)[number]
