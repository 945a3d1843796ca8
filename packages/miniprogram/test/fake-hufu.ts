import type { Responder, VirtualTime, WireReply, WireRequest } from '@hufu/simulator/wx'

interface Session {
  id: string
  user: string
  generation: number
  /** When the present refresh token replaced the one before it. */
  rotatedAt: number
  over: boolean
}

interface Redemption {
  nonce: string
  session: Session
  at: number
}

export type FakeHufu = ReturnType<typeof createFakeHufu>

/** Every request that reached a back end, in order. */
export interface Seen {
  path: string
  authorization: string | undefined
  body: Record<string, unknown>
  headers: Record<string, string>
  answered: number
}

/**
 * As much of a Hufu server, and of a product behind it, as the client can tell from outside: codes that work once,
 * rotating refresh tokens, access tokens that end. Written from the contract, not from the server's code.
 *
 * The code of a person is `<person>#<number>`; the user of a person is `usr_<person>`.
 */
export function createFakeHufu(time: VirtualTime, { life = 900 }: { life?: number } = {}) {
  const sessions = new Map<string, Session>()
  const access = new Map<string, { session: Session; until: number }>()
  const redeemed = new Map<string, Redemption>()
  const seen: Seen[] = []
  const planned: { path: string; reply: WireReply }[] = []
  const blocked = new Set<string>()
  const formerIds = new Map<string, string[]>()
  let numbers = 0

  const tokensOf = (session: Session) => {
    numbers += 1
    const accessToken = `access-${session.user}-${numbers}`
    access.set(accessToken, { session, until: time.now() + life * 1000 })
    return {
      accessToken,
      tokenType: 'Bearer',
      expiresIn: life,
      refreshToken: `${session.id}.${session.generation}`,
      appId: 'wx1',
      openid: `o-${session.user}`,
      unionid: null,
    }
  }
  const problem = (status: number, code: string, more: object = {}): WireReply => ({
    status,
    headers: { 'Content-Type': 'application/problem+json' },
    body: { type: `/problems/${code}`, title: code, status, code, detail: 'why', requestId: 'req_1', ...more },
  })
  const ok = (body: unknown): WireReply => ({ status: 200, headers: { 'Content-Type': 'application/json' }, body })
  const loginReply = (session: Session, isNew: boolean) =>
    ok({
      ...tokensOf(session),
      user: { id: session.user, isNew, formerIds: formerIds.get(session.user) ?? [] },
    })
  const newSession = (user: string): Session => {
    numbers += 1
    const session = { id: `s${numbers}`, user, generation: 1, rotatedAt: 0, over: false }
    sessions.set(session.id, session)
    return session
  }
  const known = new Set<string>()
  const signIn = (person: string) => {
    if (blocked.has(person)) return problem(403, 'user_blocked')
    const user = `usr_${person}`
    const isNew = !known.has(user)
    known.add(user)
    return { session: newSession(user), isNew }
  }

  const logIn = (body: Record<string, unknown>): WireReply => {
    const { appId, code, nonce, ...others } = body
    const proper = typeof code === 'string' && typeof nonce === 'string' && /^[\w-]{16,64}$/.test(nonce)
    if (appId !== 'wx1' || !proper || Object.keys(others).length > 0) return problem(400, 'invalid_request')
    const before = redeemed.get(code)
    if (before) {
      const same = before.nonce === nonce && !before.session.over && before.session.generation === 1
      return same && time.now() - before.at < 60_000 ? loginReply(before.session, false) : problem(401, 'code_spent')
    }
    const person = /^(?:hufu-dev:)?(\w+)(?:#\d+)?$/.exec(code)?.[1]
    if (!person) return problem(401, 'code_invalid')
    const entered = signIn(person)
    if ('status' in entered) return entered
    if (!code.startsWith('hufu-dev:')) redeemed.set(code, { nonce, session: entered.session, at: time.now() })
    return loginReply(entered.session, entered.isNew)
  }
  const refresh = (body: Record<string, unknown>): WireReply => {
    const [id, generation] = String(body.refreshToken).split('.')
    const session = sessions.get(id ?? '')
    if (Object.keys(body).join() !== 'refreshToken' || !session) return problem(401, 'token_invalid')
    if (session.over) return problem(401, 'refresh_reused')
    if (blocked.has(session.user.slice(4))) return problem(403, 'user_blocked')
    if (Number(generation) === session.generation) {
      session.generation += 1
      session.rotatedAt = time.now()
    } else if (Number(generation) !== session.generation - 1 || time.now() - session.rotatedAt > 30_000) {
      session.over = true
      return problem(401, 'refresh_reused')
    }
    return ok(tokensOf(session))
  }
  const logOut = (body: Record<string, unknown>): WireReply => {
    const session = sessions.get(String(body.refreshToken).split('.')[0] ?? '')
    if (session) session.over = true
    return { status: 204 }
  }
  const whoIs = (authorization: string | undefined) => {
    const found = access.get(/^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '')
    return found && found.until > time.now() && !found.session.over ? found.session.user : undefined
  }
  const asUser = (request: WireRequest): WireReply => {
    const user = whoIs(request.headers.authorization)
    return user === undefined ? problem(401, 'token_expired') : ok({ user, url: request.url })
  }

  const answer = (request: WireRequest, path: string, body: Record<string, unknown>): WireReply => {
    const at = planned.findIndex((plan) => plan.path === path)
    const plan = planned.splice(at, at < 0 ? 0 : 1)[0]
    if (plan) return plan.reply
    if (path === '/v1/login') return logIn(body)
    if (path === '/v1/refresh') return refresh(body)
    if (path === '/v1/logout') return logOut(body)
    return asUser(request)
  }

  const respond: Responder = (request) => {
    const path = new URL(request.url).pathname
    const body = parse(request.body)
    const reply = answer(request, path, body)
    const { headers } = request
    seen.push({ path, authorization: headers.authorization, body, headers, answered: reply.status })
    return reply
  }

  return {
    respond,
    nextCode() {
      numbers += 1
      return numbers
    },
    seen: seen as readonly Seen[],
    count: (path: string) => seen.filter((request) => request.path === path).length,
    /** Answers the next request for a path with this instead. */
    plan: (path: string, reply: WireReply) => void planned.push({ path, reply }),
    forgetPlans: () => void planned.splice(0),
    problem,
    block: (person: string) => void blocked.add(person),
    unblock: (person: string) => void blocked.delete(person),
    unify: (user: string, ids: string[]) => void formerIds.set(user, ids),
    /** Makes every access token that exists now worthless, as a change of keys would. */
    forgetAccess: () => access.clear(),
    endSessions() {
      for (const session of sessions.values()) session.over = true
    },
    liveSessions: () => [...sessions.values()].filter((session) => !session.over),
    /** Signs in without a code, as a cloud function or Cloud Run does. */
    enter(person: string): WireReply {
      const entered = signIn(person)
      return 'status' in entered ? entered : loginReply(entered.session, entered.isNew)
    },
  }
}

function parse(body: WireRequest['body']): Record<string, unknown> {
  if (body === undefined || body === '') return {}
  const value: unknown = JSON.parse(String(body))
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
