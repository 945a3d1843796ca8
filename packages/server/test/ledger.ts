import type { LoginReply, TokenReply } from '@hufu/contract'
import type { Simulator } from '@hufu/simulator'
import { type Answer, ask } from './server-process.ts'
import { shop } from './world.ts'

/** What one session's client knows, from the answers that it received. */
interface Known {
  person: string
  user: string
  /** Refresh tokens that were answered, oldest first; the last is the one to use. */
  tokens: string[]
  /** The client sent a logout, and whether it was answered. */
  logout: 'none' | 'sent' | 'answered'
}

const outcome = ({ status, body }: Answer): string =>
  status < 300 ? String(status) : `${status} ${(body as { code?: string } | undefined)?.code}`

/**
 * A load client outside the server, and the ledger of every answer that it received. What was answered must hold after
 * any crash; what was not may hold or not, but never half.
 */
export class Ledger {
  readonly #wechat: Simulator
  readonly #sessions: Known[] = []
  /** The user that an answer named for each person. */
  readonly #users = new Map<string, string>()
  acknowledged = 0
  #people = 0

  constructor(wechat: Simulator) {
    this.#wechat = wechat
  }

  /** The users that have been answered so far. */
  userIds(): string[] {
    return [...this.#users.values()]
  }

  /** How many logins have been answered so far. */
  get logins(): number {
    return this.#sessions.length
  }

  /** Logs people in, refreshes and logs out, as fast as the server answers, until it is gone. */
  async load(url: string, clients: number): Promise<void> {
    const client = async (): Promise<void> => {
      try {
        for (;;) await this.#visit(url)
      } catch (error) {
        if (!(error instanceof TypeError)) throw error // fetch says so when the connection is lost
      }
    }
    await Promise.all(Array.from({ length: clients }, client))
  }

  async #visit(url: string): Promise<void> {
    const [person, times] = Math.random() < 0.3 ? [`regular-${this.#people}`, 2] : [`person-${this.#people}`, 1]
    this.#people += 1
    this.#wechat.addPerson({ name: person })
    for (let visit = 0; visit < times; visit++) {
      const code = this.#wechat.login(shop.appId, person)
      const { user, refreshToken } = await this.#answered<LoginReply>(`${url}/v1/login`, { appId: shop.appId, code })
      const known: Known = { person, user: user.id, tokens: [refreshToken], logout: 'none' }
      this.#sessions.push(known)
      this.#users.set(person, user.id)
      for (let use = Math.floor(Math.random() * 4); use > 0; use--) await this.#refresh(url, known)
      if (Math.random() < 0.2) await this.#logOut(url, known)
    }
  }

  async #refresh(url: string, known: Known): Promise<void> {
    const refreshToken = known.tokens.at(-1)
    const next = await this.#answered<TokenReply>(`${url}/v1/refresh`, { refreshToken })
    if (next.refreshToken !== refreshToken) known.tokens.push(next.refreshToken)
  }

  async #logOut(url: string, known: Known): Promise<void> {
    known.logout = 'sent'
    await this.#answered(`${url}/v1/logout`, { refreshToken: known.tokens.at(-1) })
    known.logout = 'answered'
  }

  async #answered<T>(url: string, body: object): Promise<T> {
    const answer = await ask(url, 'POST', body)
    if (answer.status >= 300) throw new RangeError(`${url}: ${outcome(answer)}`)
    this.acknowledged += 1
    return answer.body as T
  }

  /** Whether all that was answered still holds; says what does not. */
  async check(url: string): Promise<string[]> {
    const wrong: string[] = []
    const one = async (known: Known): Promise<void> => {
      const token = known.tokens.at(-1) ?? ''
      const found = await ask(`${url}/v1/refresh`, 'POST', { refreshToken: token })
      const what = `${known.person}, refreshed ${known.tokens.length - 1} times, logout ${known.logout}`
      if (known.logout === 'answered' && found.status < 300) wrong.push(`${what}: the session came back`)
      if (known.logout === 'none' && found.status >= 300) wrong.push(`${what}: the session is lost (${outcome(found)})`)
      if (found.status < 300) known.tokens.push((found.body as TokenReply).refreshToken)
      else known.logout = 'answered'
    }
    const waiting = [...this.#sessions]
    const clients = Array.from({ length: 20 }, async () => {
      for (let known = waiting.pop(); known; known = waiting.pop()) await one(known)
    })
    await Promise.all(clients)
    return [...wrong, ...(await this.#checkDead(url)), ...(await this.#checkPeople(url))]
  }

  /** T20: a token whose successor was used is dead, and takes its family with it. */
  async #checkDead(url: string): Promise<string[]> {
    const wrong: string[] = []
    const victims = this.#sessions.filter(({ logout, tokens }) => logout === 'none' && tokens.length > 2).slice(0, 5)
    for (const known of victims) {
      const old = await ask(`${url}/v1/refresh`, 'POST', { refreshToken: known.tokens.at(-3) })
      if (outcome(old) !== '401 refresh_reused') wrong.push(`${known.person}: an old token answers ${outcome(old)}`)
      known.logout = 'answered'
    }
    return wrong
  }

  /** Whoever was answered once is the same user again. */
  async #checkPeople(url: string): Promise<string[]> {
    const wrong: string[] = []
    for (const [person, user] of [...this.#users].slice(-10)) {
      const code = this.#wechat.login(shop.appId, person)
      const again = await ask(`${url}/v1/login`, 'POST', { appId: shop.appId, code })
      const login = again.body as LoginReply
      if (again.status !== 200) wrong.push(`${person}: a login answers ${outcome(again)}`)
      else if (login.user.id !== user || login.user.isNew) wrong.push(`${person}: is somebody else now`)
    }
    return wrong
  }
}
