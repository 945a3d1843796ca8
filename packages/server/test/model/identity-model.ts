/**
 * What must come out: docs/identity.md, its table and its invariants, on plain Maps, small enough to be read against them.
 * It shares nothing with the product, so that it can disagree. Nothing moves in here but identities: an absorbed user
 * points to its survivor, a session belongs to its identity, and everything else is looked up along those pointers.
 */
export type Model = ReturnType<typeof newModel>

export interface ModelUser {
  readonly id: string
  readonly realm: string
  readonly createdAt: number
  status: 'active' | 'blocked' | 'deleted'
  unionid: string | undefined
  /** While this user is a tombstone. */
  survivor: string | undefined
}

/** One side of a unification, just before it. */
interface Side extends Pick<ModelUser, 'id' | 'status' | 'unionid'> {
  readonly identities: ReadonlySet<string>
}

export interface Unification {
  readonly survivor: Side
  readonly absorbed: Side
  readonly unionid: string
  /** An operator blocked or unblocked the survivor since, and meant the whole of it. */
  decided: boolean
  undone: boolean
}

export interface Conflict {
  readonly identity: string
  readonly unionid: string
  count: number
  decision: 'keep' | 'accept' | undefined
}

export interface LoginEvent {
  /** App and openid, as one name. */
  readonly identity: string
  readonly app: string
  readonly realm: string
  readonly unionid: string | undefined
  readonly now: number
  /** The id that a new user would get, and the id of the session. */
  readonly user: string
  readonly session: string
}

const SESSIONS_PER_APP = 10

export function newModel() {
  const users = new Map<string, ModelUser>()
  /** By app and openid, as one name. */
  const identities = new Map<string, { user: string; app: string; pinned: boolean }>()
  const sessions = new Map<string, { identity: string; live: boolean }>()
  const conflicts = new Map<string, Conflict>()
  const unifications: Unification[] = []
  let events: string[] = []

  const emit = (kind: string, user: string, more = ''): void => void events.push(`${kind} ${user} ${more}`.trim())
  const userOf = (id: string): ModelUser => known(users.get(id))
  const identityOf = (name: string) => known(identities.get(name))
  /** Along the tombstones. */
  const resolve = (id: string): string => {
    const { survivor } = userOf(id)
    return survivor === undefined ? id : resolve(survivor)
  }
  const isLive = (id: string): boolean => userOf(id).survivor === undefined && userOf(id).status !== 'deleted'
  const holderOf = (realm: string, unionid: string): ModelUser | undefined =>
    [...users.values()].find((user) => isLive(user.id) && user.realm === realm && user.unionid === unionid)
  const identitiesOf = (user: string): string[] =>
    [...identities].filter(([, one]) => one.user === user).map(([name]) => name)
  const sessionsOf = (user: string) =>
    [...sessions].filter(([, { identity }]) => identities.get(identity)?.user === user)
  const endSessions = (user: string): void => {
    for (const [, session] of sessionsOf(user)) session.live = false
  }
  const give = (identity: string, user: string): void => {
    identityOf(identity).user = user
  }

  /** The table of docs/identity.md, row by row. */
  function whoseUser(event: LoginEvent): { decision: string; user: string } {
    const { identity, app, realm, unionid } = event
    const a = identities.get(identity)?.user
    const b = unionid === undefined ? undefined : holderOf(realm, unionid)?.id
    if (a === undefined) {
      const user = b ?? event.user
      identities.set(identity, { user, app, pinned: false })
      if (b !== undefined) return { decision: 'link', user }
      users.set(user, { id: user, createdAt: event.now, status: 'active', unionid, survivor: undefined, realm })
      emit('user.created', user, app)
      return { decision: 'create', user }
    }
    if (unionid === undefined || a === b) return { decision: 'sign-in', user: a }
    if (userOf(a).unionid !== undefined || identityOf(identity).pinned) {
      seeConflict(identity, unionid)
      return { decision: 'conflict', user: a }
    }
    if (b !== undefined) return { decision: 'unify', user: unify(a, b, unionid) }
    userOf(a).unionid = unionid
    return { decision: 'sign-in', user: a }
  }

  /** What was accepted and comes again was not settled by it; what was kept stays as it is. */
  function seeConflict(identity: string, unionid: string): void {
    const name = `${identity} ${unionid}`
    const seen = conflicts.get(name) ?? { identity, unionid, count: 0, decision: undefined }
    const decision = seen.decision === 'accept' ? undefined : seen.decision
    conflicts.set(name, { ...seen, count: seen.count + 1, decision })
  }

  function unify(one: string, other: string, unionid: string): string {
    const sides = [userOf(one), userOf(other)]
    const [elder, younger] = sides.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)).map(known)
    const [survivor, absorbed] = [known(elder), known(younger)]
    const sideOf = (user: ModelUser): Side => ({ ...user, identities: new Set(identitiesOf(user.id)) })
    unifications.push({
      survivor: sideOf(survivor),
      absorbed: sideOf(absorbed),
      unionid,
      decided: false,
      undone: false,
    })
    const isBlocked = survivor.status === 'blocked' || absorbed.status === 'blocked'
    for (const identity of identitiesOf(absorbed.id)) give(identity, survivor.id)
    Object.assign(absorbed, { survivor: survivor.id, unionid: undefined })
    Object.assign(survivor, { unionid, status: isBlocked ? 'blocked' : 'active' })
    if (isBlocked) endSessions(survivor.id)
    emit('user.unified', survivor.id, absorbed.id)
    return survivor.id
  }

  /** The oldest sessions of a user in an app make room for the newest. */
  function crowdOut(user: string, app: string): void {
    const live = sessionsOf(user).filter(([, { identity, live }]) => live && identityOf(identity).app === app)
    live.sort(([a], [b]) => (a < b ? 1 : -1))
    for (const [, session] of live.slice(SESSIONS_PER_APP - 1)) session.live = false
  }

  function notUndoable(which: Unification): 'undone' | 'user_gone' | 'later_first' | undefined {
    if (which.undone) return 'undone'
    const { id } = which.survivor
    if (userOf(resolve(id)).status === 'deleted') return 'user_gone'
    const later = unifications.slice(unifications.indexOf(which) + 1)
    const isCovered = later.some((one) => !one.undone && (one.survivor.id === id || one.absorbed.id === id))
    return isCovered ? 'later_first' : undefined
  }

  /**
   * Identities from before go back to their side. Those that came since, and the unionid of today, go to the side that
   * brought the unionid of the unification, unless an operator accepted today's for the other side. The rest is pinned.
   */
  function split(which: Unification): void {
    const survivor = userOf(which.survivor.id)
    const today = { unionid: survivor.unionid, status: survivor.status }
    const [named, other] =
      which.absorbed.unionid === which.unionid ? [which.absorbed, which.survivor] : [which.survivor, which.absorbed]
    for (const identity of identitiesOf(survivor.id))
      give(identity, other.identities.has(identity) ? other.id : named.id)

    const isOthers =
      today.unionid !== which.unionid && accepted(other, today.unionid) && !accepted(named, today.unionid)
    const [holder, rest] = isOthers ? [other, named] : [named, other]
    survivor.unionid = undefined
    userOf(which.absorbed.id).survivor = undefined
    userOf(holder.id).unionid = today.unionid
    const isFree = rest.unionid !== undefined && !holderOf(survivor.realm, rest.unionid)
    userOf(rest.id).unionid = isFree ? rest.unionid : undefined
    for (const identity of identitiesOf(rest.id)) identityOf(identity).pinned = true
    for (const side of [which.survivor, which.absorbed]) {
      userOf(side.id).status = which.decided ? today.status : side.status
      if (userOf(side.id).status === 'blocked') endSessions(side.id)
    }
    which.undone = true
    emit('user.split', which.survivor.id, which.absorbed.id)
  }

  /** Whether an operator took WeChat's word that this unionid is of somebody here. */
  const accepted = (side: Side, unionid: string | undefined): boolean =>
    [...conflicts.values()].some(
      (one) => one.unionid === unionid && one.decision === 'accept' && identityOf(one.identity).user === side.id,
    )

  /** An operator's word about a user is about all that the user is made of. */
  function setStatus(id: string, status: 'active' | 'blocked', event: string): boolean {
    const user = resolve(id)
    if (!isLive(user)) return false
    userOf(user).status = status
    for (const one of unifications) if (!one.undone && resolve(one.survivor.id) === user) one.decided = true
    if (status === 'blocked') endSessions(user)
    emit(event, user)
    return true
  }

  return {
    users,
    identities,
    sessions,
    conflicts,
    unifications,
    resolve,
    identitiesOf,
    formerIds: (id: string) => [...users.keys()].filter((other) => other !== id && resolve(other) === id),
    /** What the product must have been told since this was last asked. */
    takeEvents(): string[] {
      const taken = events
      events = []
      return taken
    },
    logIn(event: LoginEvent) {
      const { decision, user } = whoseUser(event)
      const { status } = userOf(user)
      if (status === 'active') {
        crowdOut(user, event.app)
        sessions.set(event.session, { identity: event.identity, live: true })
      }
      return { decision, user, status, hasSession: status === 'active' }
    },
    undo(which: Unification) {
      const refusal = notUndoable(which)
      if (!refusal) split(which)
      return refusal
    },
    resolveConflict(which: Conflict, decision: 'keep' | 'accept'): void {
      const conflict = conflicts.get(`${which.identity} ${which.unionid}`)
      if (conflict) conflict.decision = decision
      if (decision === 'keep') return
      const { user } = identityOf(which.identity)
      const holder = holderOf(userOf(user).realm, which.unionid)?.id
      for (const identity of identitiesOf(user)) identityOf(identity).pinned = false
      if (holder === undefined) userOf(user).unionid = which.unionid
      else if (holder !== user) unify(user, holder, which.unionid)
    },
    /** These three take any id the user ever had, and say whether somebody lives there. */
    block: (id: string) => setStatus(id, 'blocked', 'user.blocked'),
    unblock: (id: string) => setStatus(id, 'active', 'user.unblocked'),
    delete(id: string): boolean {
      const user = resolve(id)
      if (!isLive(user)) return false
      for (const name of identitiesOf(user)) {
        for (const [key, one] of conflicts) if (one.identity === name) conflicts.delete(key)
        for (const [key, one] of sessions) if (one.identity === name) sessions.delete(key)
        identities.delete(name)
      }
      Object.assign(userOf(user), { status: 'deleted', unionid: undefined })
      emit('user.deleted', user)
      return true
    },
    logOut(session: string): boolean {
      const found = sessions.get(session)
      if (!found?.live) return false
      found.live = false
      return true
    },
  }
}

function known<T>(found: T | undefined): T {
  if (found === undefined) throw new TypeError('the model knows no such thing')
  return found
}
