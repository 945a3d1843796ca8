import type { App } from '../domain/app.ts'
import { algorithmOf, type CloudKey } from '../domain/cloud-key.ts'
import type { AuditEvent } from '../domain/events.ts'
import type { Side, UndoPlan } from '../domain/unification.ts'
import type { ConflictEntry, UnificationEntry } from '../ports/reconciliation.ts'
import type { UserView } from '../ports/users.ts'
import { isoTime } from './route.ts'

/** What operators see. An app's secret is in none of these. */
export const appReply = ({ id, realmId, kind, name, origins, createdAt }: App) => ({
  appId: id,
  realm: realmId,
  kind,
  name,
  origins,
  createdAt: isoTime(createdAt),
})

export const userReply = ({ user, identities }: UserView) => ({
  id: user.id,
  realm: user.realmId,
  status: user.status,
  createdAt: isoTime(user.createdAt),
  unionid: user.unionid ?? null,
  formerIds: user.formerIds,
  identities: identities.map((identity) => ({
    appId: identity.appId,
    kind: identity.kind,
    openid: identity.openid,
    pinned: identity.pinned,
    firstSeenAt: isoTime(identity.firstSeenAt),
    lastSeenAt: isoTime(identity.lastSeenAt),
  })),
})

export const unificationReply = ({ id, realmId, survivorId, absorbedId, createdAt, undoneAt }: UnificationEntry) => ({
  id,
  realm: realmId,
  survivor: survivorId,
  absorbed: absorbedId,
  createdAt: isoTime(createdAt),
  undoneAt: undoneAt === undefined ? null : isoTime(undoneAt),
})

const identityNames = (identities: Side['identities']) =>
  identities.map(({ appId, openid }) => ({ appId, openid: openid }))

const sideReply = ({ id, status, unionid, identities, formerIds }: Side) => ({
  id,
  status,
  unionid: unionid ?? null,
  identities: identityNames(identities),
  formerIds,
})

export const undoingReply = ({ survivor, absorbed, pinned }: UndoPlan) => ({
  survivor: sideReply(survivor),
  restored: sideReply(absorbed),
  pinned: identityNames(pinned),
})

export const cloudKeyReply = (key: CloudKey) => ({
  id: key.id,
  appId: key.appId,
  unionid: key.trustsUnionid ? 'trust' : 'ignore',
  algorithm: algorithmOf(key),
  createdAt: isoTime(key.createdAt),
  revokedAt: key.revokedAt === undefined ? null : isoTime(key.revokedAt),
})

export const conflictReply = (conflict: ConflictEntry) => ({
  id: conflict.id,
  appId: conflict.appId,
  openid: conflict.openid,
  unionid: conflict.unionid,
  userId: conflict.userId,
  holderId: conflict.holderId ?? null,
  count: conflict.count,
  firstSeenAt: isoTime(conflict.firstSeenAt),
  lastSeenAt: isoTime(conflict.lastSeenAt),
  decision: conflict.decision ?? null,
  decidedAt: conflict.decidedAt === undefined ? null : isoTime(conflict.decidedAt),
})

export const eventReply = ({ seq, at, userId, appId, sessionId, requestId, ...event }: AuditEvent) => ({
  seq,
  at: isoTime(at),
  kind: event.kind,
  actor: event.actor,
  outcome: event.outcome,
  userId: userId ?? null,
  appId: appId ?? null,
  sessionId: sessionId ?? null,
  requestId: requestId ?? null,
  detail: event.detail,
})
