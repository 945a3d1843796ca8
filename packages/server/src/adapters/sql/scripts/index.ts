import { addCloudKey, revokeCloudKey } from './cloud-keys.ts'
import { answerTo } from './codes.ts'
import { listConflicts, resolveConflict } from './conflicts.ts'
import { claim, delivered, listEvents, record } from './events.ts'
import { logIn } from './log-in.ts'
import {
  addApp,
  addKey,
  addRealm,
  changeApp,
  removeApp,
  reseal,
  revision,
  setSetting,
  setting,
  setup,
} from './registry.ts'
import { endSession, endSessions, findSession, listSessions, refresh } from './sessions.ts'
import { sweep } from './sweep.ts'
import { listUnifications, previewUndo, undo } from './undo.ts'
import {
  blockUser,
  countUsers,
  deleteUser,
  findByIdentity,
  findByUnionid,
  findUser,
  listUsers,
  unblockUser,
} from './users.ts'

/** Scripts that change something: one durable transaction each. */
export const writes = {
  logIn,
  refresh,
  endSession,
  endSessions,
  blockUser,
  unblockUser,
  deleteUser,
  addRealm,
  addApp,
  changeApp,
  removeApp,
  addKey,
  reseal,
  addCloudKey,
  revokeCloudKey,
  setSetting,
  undo,
  resolveConflict,
  record,
  claim,
  delivered,
  sweep,
}

/** Scripts that only look. */
export const reads = {
  answerTo,
  findSession,
  listSessions,
  findUser,
  findByIdentity,
  findByUnionid,
  listUsers,
  countUsers,
  revision,
  setup,
  setting,
  listUnifications,
  previewUndo,
  listConflicts,
  listEvents,
}

export type Writes = typeof writes
export type Reads = typeof reads
