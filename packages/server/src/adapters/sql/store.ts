import type { Store } from '../../ports/store.ts'
import type { Upkeep } from '../../ports/upkeep.ts'
import { guardStore } from './guard-store.ts'
import type { Script } from './script.ts'
import { type Reads, reads, type Writes, writes } from './scripts/index.ts'

type In<S> = S extends Script<infer Input, unknown> ? Input : never
type Out<S> = S extends Script<never, infer Output> ? Output : never

/** What a database must be able to do for the scripts: run one as a durable transaction, or read with one. */
export interface SqlDriver {
  write<Name extends keyof Writes>(name: Name, input: In<Writes[Name]>): Promise<Out<Writes[Name]>>
  read<Name extends keyof Reads>(name: Name, input: In<Reads[Name]>): Promise<Out<Reads[Name]>>
  /** How a login commits; a store may know a shorter way than the whole script, with the same promise. */
  logIn?: (facts: In<Writes['logIn']>) => Promise<Out<Writes['logIn']>>
  /** Waits, up to a second, for the row of a code that another process may be writing. */
  answerTo?: (input: In<Reads['answerTo']>) => Promise<Out<Reads['answerTo']>>
  ping(): Promise<void>
  backup: Upkeep['backup']
  close(): Promise<void>
}

/** The store port over any driver: which script answers which promise. */
export function sqlStore(driver: SqlDriver): Store {
  const guard = guardStore()
  let closing: Promise<void> | undefined
  const write =
    <Name extends keyof Writes>(name: Name) =>
    (input: In<Writes[Name]>) =>
      guard.admit(input, () => driver.write(name, input))
  const read =
    <Name extends keyof Reads>(name: Name) =>
    (input: In<Reads[Name]>) =>
      guard.admit(input, () => driver.read(name, input))
  const { logIn = (facts) => driver.write('logIn', facts), answerTo = (asked) => driver.read('answerTo', asked) } =
    driver
  const upkeep: Upkeep = {
    sweep: write('sweep'),
    ping: () => guard.admit(undefined, () => driver.ping()),
    backup: (file, options) => guard.admit(file, () => driver.backup(file, options)),
    close: () => {
      closing ??= guard.close().then(() => driver.close())
      return closing
    },
  }
  const listSessions = read('listSessions')
  const findByIdentity = read('findByIdentity')
  return {
    logins: {
      commit: (facts) => guard.admit(facts, () => logIn(facts)),
      findByCode: (appId, codeHash) => guard.admit(appId, () => answerTo({ appId, codeHash })),
    },
    sessions: {
      refresh: write('refresh'),
      find: read('findSession'),
      listOf: (user, now, lifetimes) => listSessions({ user, now, lifetimes }),
      end: write('endSession'),
      endAll: write('endSessions'),
    },
    users: {
      find: read('findUser'),
      findByIdentity: (appId, openid) => findByIdentity({ appId, openid }),
      findByUnionid: read('findByUnionid'),
      list: read('listUsers'),
      block: write('blockUser'),
      unblock: write('unblockUser'),
      delete: write('deleteUser'),
      count: read('countUsers'),
    },
    registry: {
      revision: read('revision'),
      setup: read('setup'),
      addRealm: write('addRealm'),
      addApp: write('addApp'),
      changeApp: write('changeApp'),
      removeApp: write('removeApp'),
      addKey: write('addKey'),
      reseal: write('reseal'),
      addCloudKey: write('addCloudKey'),
      revokeCloudKey: write('revokeCloudKey'),
      setting: read('setting'),
      setSetting: write('setSetting'),
    },
    reconciliation: {
      listUnifications: read('listUnifications'),
      previewUndo: read('previewUndo'),
      undo: write('undo'),
      listConflicts: read('listConflicts'),
      resolveConflict: write('resolveConflict'),
    },
    events: {
      record: write('record'),
      list: read('listEvents'),
      claim: write('claim'),
      delivered: write('delivered'),
    },
    upkeep,
  }
}

export { reads, writes }
