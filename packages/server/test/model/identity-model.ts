/*
 * Who is whose user, once more: docs/identity.md, its table and its invariants, on plain Maps, small enough to be read
 * against it. It shares nothing with the product, so that it can disagree. Users never move in here: an absorbed user
 * points to the survivor, a session belongs to its identity, and everything else is looked up along those pointers.
 */

export interface ModelUser {
  readonly id: string
  readonly bornAt: number
  standing: 'active' | 'blocked' | 'deleted'
  unionid: string | undefined
  /** The survivor, while this user is a tombstone. */
  into: string | undefined
}

/** One side of a unification, just before it. */
interface Before {
  readonly id: string
  readonly standing: ModelUser['standing']
  readonly unionid: string | undefined
  readonly identities: ReadonlySet<string>
}

export interface Join {
  readonly survivor: Before
  readonly absorbed: Before
  readonly unionid: string
  /** An operator barred or unbarred the survivor since, and meant the whole of it. */
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

export type Model = ReturnType<typeof newModel>

const SESSIONS_PER_APP = 10

export function newModel() {
  const users = new Map<string, ModelUser & { readonly realm: string }>()
  const homes = new Map<string, { user: string; app: string; pinned: boolean }>()
  const sessions = new Map<string, { identity: string; live: boolean }>()
  const conflicts = new Map<string, Conflict>()
  const joins: Join[] = []
  let told: string[] = []

  const tell = (kind: string, user: string, more = ''): void => void told.push(`${kind} ${user} ${more}`.trim())
  const get = (id: string) => {
    const user = users.get(id)
    if (!user) throw new TypeError('the model knows no such user')
    return user
  }
  /** Along the tombstones. */
  const resolve = (id: string): string => {
    const { into } = get(id)
    return into === undefined ? id : resolve(into)
  }
  const lives = (id: string): boolean => get(id).into === undefined && get(id).standing !== 'deleted'
  const holderOf = (realm: string, unionid: string) =>
    [...users.values()].find((user) => lives(user.id) && user.realm === realm && user.unionid === unionid)
  const identitiesOf = (user: string): string[] => [...homes].filter(([, home]) => home.user === user).map(([id]) => id)
  const sessionsOf = (user: string) =>
    [...sessions]
      .filter(([, { identity }]) => homes.get(identity)?.user === user)
      .map(([id, session]) => ({ id, ...session }))
  const endSessions = (user: string): void => {
    for (const session of sessions.values()) if (homes.get(session.identity)?.user === user) session.live = false
  }
  const before = (id: string): Before => ({ ...get(id), identities: new Set(identitiesOf(id)) })

  function join(one: string, other: string, unionid: string): string {
    const [elder, younger] = [get(one), get(other)].sort((a, b) => a.bornAt - b.bornAt || (a.id < b.id ? -1 : 1))
    if (!elder || !younger) throw new TypeError('it takes two')
    joins.push({ survivor: before(elder.id), absorbed: before(younger.id), unionid, decided: false, undone: false })
    const blocked = elder.standing === 'blocked' || younger.standing === 'blocked'
    for (const identity of identitiesOf(younger.id)) homes.set(identity, { ...home(identity), user: elder.id })
    younger.into = elder.id
    younger.unionid = undefined
    elder.unionid = unionid
    elder.standing = blocked ? 'blocked' : 'active'
    if (blocked) endSessions(elder.id)
    tell('user.unified', elder.id, younger.id)
    return elder.id
  }

  const home = (identity: string) => {
    const found = homes.get(identity)
    if (!found) throw new TypeError('the model knows no such identity')
    return found
  }

  /** The table of docs/identity.md, row by row. */
  function whose(event: LoginEvent): { decision: string; user: string } {
    const { identity, app, realm, unionid } = event
    const a = homes.get(identity)?.user
    const b = unionid === undefined ? undefined : holderOf(realm, unionid)?.id
    const settle = (user: string): string => {
      homes.set(identity, { user, app, pinned: false })
      return user
    }
    if (a === undefined && b === undefined) {
      users.set(event.user, { id: event.user, bornAt: event.now, standing: 'active', unionid, into: undefined, realm })
      tell('user.created', event.user, app)
      return { decision: 'create', user: settle(event.user) }
    }
    if (a === undefined) return { decision: 'link', user: settle(b ?? '') }
    if (unionid === undefined || a === b) return { decision: 'sign-in', user: a }
    if (get(a).unionid !== undefined || home(identity).pinned) {
      const name = `${identity} ${unionid}`
      const seen = conflicts.get(name) ?? { identity, unionid, count: 0, decision: undefined }
      // What was accepted and comes again was not settled by it; what was kept stays as it is.
      const decision = seen.decision === 'accept' ? undefined : seen.decision
      conflicts.set(name, { ...seen, count: seen.count + 1, decision })
      return { decision: 'conflict', user: a }
    }
    if (b === undefined) {
      get(a).unionid = unionid
      return { decision: 'sign-in', user: a }
    }
    return { decision: 'unify', user: join(a, b, unionid) }
  }

  /** The oldest sessions of a user in an app make room for the newest. */
  function crowdOut(user: string, app: string, newest: string): void {
    const live = sessionsOf(user).filter((one) => one.live && home(one.identity).app === app && one.id !== newest)
    live.sort((a, b) => (a.id < b.id ? 1 : -1))
    for (const { id } of live.slice(SESSIONS_PER_APP - 1)) {
      const session = sessions.get(id)
      if (session) session.live = false
    }
  }

  function undoable(which: Join): 'undone' | 'user_gone' | 'later_first' | undefined {
    if (which.undone) return 'undone'
    const { id } = which.survivor
    if (get(resolve(id)).standing === 'deleted') return 'user_gone'
    const later = joins.slice(joins.indexOf(which) + 1)
    const stacked = later.some((one) => !one.undone && (one.survivor.id === id || one.absorbed.id === id))
    return stacked ? 'later_first' : undefined
  }

  /** The unionid of today goes with those of whom WeChat says it; the other side stays apart. */
  function split(which: Join): void {
    const survivor = get(which.survivor.id)
    const absorbed = get(which.absorbed.id)
    const today = { unionid: survivor.unionid, standing: survivor.standing }
    const newcomers = which.absorbed.unionid === which.unionid ? which.absorbed : which.survivor
    const old = newcomers === which.absorbed ? which.survivor : which.absorbed
    for (const identity of identitiesOf(survivor.id)) {
      homes.set(identity, { ...home(identity), user: (old.identities.has(identity) ? old : newcomers).id })
    }
    const heir =
      today.unionid !== which.unionid && accepted(old, today.unionid) && !accepted(newcomers, today.unionid)
        ? old
        : newcomers
    const rest = heir === old ? newcomers : old
    survivor.unionid = undefined
    absorbed.into = undefined
    get(heir.id).unionid = today.unionid
    const free = rest.unionid !== undefined && !holderOf(survivor.realm, rest.unionid)
    get(rest.id).unionid = free ? rest.unionid : undefined
    for (const identity of identitiesOf(rest.id)) home(identity).pinned = true
    for (const side of [which.survivor, which.absorbed]) {
      get(side.id).standing = which.decided ? today.standing : side.standing
      if (get(side.id).standing === 'blocked') endSessions(side.id)
    }
    which.undone = true
    tell('user.split', survivor.id, absorbed.id)
  }

  /** Whether an operator took WeChat's word that this unionid is of somebody here. */
  const accepted = (side: Before, unionid: string | undefined): boolean =>
    [...conflicts.values()].some(
      (one) => one.unionid === unionid && one.decision === 'accept' && home(one.identity).user === side.id,
    )

  /** An operator's word about a user is about all that the user is made of. */
  function decide(user: string): void {
    for (const one of joins) if (!one.undone && resolve(one.survivor.id) === user) one.decided = true
  }

  return {
    users,
    homes,
    sessions,
    conflicts,
    joins,
    resolve,
    lives,
    undoable,
    identitiesOf,
    formerIds: (id: string) => [...users.keys()].filter((other) => other !== id && resolve(other) === id),
    /** What the product has been told since this was last asked. */
    told(): string[] {
      const said = told
      told = []
      return said
    },
    logIn(event: LoginEvent) {
      const { decision, user } = whose(event)
      const active = get(user).standing === 'active'
      if (active) {
        crowdOut(user, event.app, event.session)
        sessions.set(event.session, { identity: event.identity, live: true })
      }
      return { decision, user, standing: get(user).standing, hasSession: active }
    },
    undo(which: Join) {
      const refusal = undoable(which)
      if (!refusal) split(which)
      return refusal
    },
    resolveConflict(which: Conflict, decision: 'keep' | 'accept'): void {
      const conflict = conflicts.get(`${which.identity} ${which.unionid}`)
      if (conflict) conflict.decision = decision
      if (decision === 'keep') return
      const { user } = home(which.identity)
      const holder = holderOf(get(user).realm, which.unionid)?.id
      for (const identity of identitiesOf(user)) home(identity).pinned = false
      if (holder === undefined) get(user).unionid = which.unionid
      else if (holder !== user) join(user, holder, which.unionid)
    },
    /** Each takes any id the user ever had, and says whether somebody lives there. */
    block(id: string): boolean {
      const user = resolve(id)
      if (!lives(user)) return false
      get(user).standing = 'blocked'
      decide(user)
      endSessions(user)
      tell('user.blocked', user)
      return true
    },
    unblock(id: string): boolean {
      const user = resolve(id)
      if (!lives(user)) return false
      get(user).standing = 'active'
      decide(user)
      tell('user.unblocked', user)
      return true
    },
    delete(id: string): boolean {
      const user = resolve(id)
      if (!lives(user)) return false
      for (const identity of identitiesOf(user)) {
        for (const [key, one] of conflicts) if (one.identity === identity) conflicts.delete(key)
        for (const [key, one] of sessions) if (one.identity === identity) sessions.delete(key)
        homes.delete(identity)
      }
      Object.assign(get(user), { standing: 'deleted', unionid: undefined })
      tell('user.deleted', user)
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
