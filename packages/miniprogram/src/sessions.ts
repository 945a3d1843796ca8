import { after } from './call.ts'
import { fail, onlyAfter } from './errors.ts'
import type { LoginStrategy, Post } from './exchange-code.ts'
import type { Kept, Session, SessionStorage } from './session-storage.ts'
import { createThrottle } from './throttle.ts'
import type { HufuError, User } from './types.ts'
import { isTerminal, toSession } from './wire.ts'

declare const console: { error(thrown: unknown): void }

export interface Sessions {
  /**
   * A session whose token should work, renewing or signing in when there is none. However many ask, one flight.
   *
   * @param refused an access token that a back end answered with 401; a session with another token still counts
   */
  obtain(refused?: string): Promise<Session>
  /** Opens what a logout or a refusal closed: `obtain` may sign in again. */
  reopen(): void
  user(): User | null
  end(): Promise<void>
  onChange(listener: (user: User | null) => void): () => void
}

/** Knows who is signed in, and keeps it so: the one place that decides between waiting, renewing and signing in. */
export function createSessions(storage: SessionStorage, logIn: LoginStrategy, post: Post): Sessions {
  const throttled = createThrottle()
  let pending: Promise<Session> | undefined
  /** Why asking the server again would be no use, for now or until `reopen`. */
  let barred: HufuError | undefined
  let listeners: ((user: User | null) => void)[] = []
  let reported = userKeyOf(storage.read())

  const current = (): Kept => {
    const kept = storage.read()
    const found = userKeyOf(kept)
    if (found !== reported) {
      reported = found
      listeners.forEach((listener) => {
        try {
          listener(userOf(kept))
        } catch (error) {
          console.error(error)
        }
      })
    }
    return kept
  }
  const keep = (next: Kept) => {
    storage.write(next)
    current()
  }
  const revoke = ({ refreshToken }: Session): Promise<void> => {
    const done = () => {}
    return post('/v1/logout', { refreshToken }).then(done, done)
  }

  const tryToSignIn = () => throttled(logIn).then((data) => toSession(data))
  const signIn = () => tryToSignIn().catch(onlyAfter('code_refused', tryToSignIn))
  const renewOrSignIn = (session: Kept): Promise<Session> =>
    session
      ? post('/v1/refresh', { refreshToken: session.refreshToken })
          .then((data) => toSession(data, session.user))
          .catch(onlyAfter('refused', signIn))
      : signIn()

  const bar = (error: HufuError) => {
    if (isTerminal(error.code)) {
      barred = error
      keep(undefined)
    } else if (error.retryAfter && error !== barred) {
      barred = error
      after(Math.min(error.retryAfter, 60) * 1000).then(() => {
        if (barred === error) barred = undefined
      })
    }
  }

  return {
    obtain(refused) {
      // Looked up first: a listener that hears of another copy's session may ask in turn, and begin a flight.
      const session = current()
      if (pending) return pending
      if (session === null) return Promise.reject(fail('signed_out', {}))
      const before = (moment: 'renewAt' | 'expiresAt') =>
        session && session.accessToken !== refused && Date.now() < session[moment] ? session : undefined
      const fresh = before('renewAt')
      if (fresh) return Promise.resolve(fresh)

      const flight: Promise<Session> = (barred ? Promise.reject(barred) : renewOrSignIn(session)).then(
        (next) => {
          const wanted = pending === flight
          if (wanted) pending = undefined
          if (!wanted || storage.read() === null) {
            // Signed out in the meantime, here or in another copy of this package.
            revoke(next)
            throw fail('signed_out', {})
          }
          throttled.reset()
          keep(next)
          return next
        },
        (error: HufuError) => {
          if (pending === flight) {
            pending = undefined
            bar(error)
            // A renewal comes early; until the old token is over it will do.
            const old = before('expiresAt')
            if (old && !isTerminal(error.code)) return old
          }
          throw error
        },
      )
      // In the same turn: on old iPhones even a settled promise calls back only after a timer.
      pending = flight
      return flight
    },
    reopen() {
      if (barred && !barred.retryAfter) barred = undefined
      if (current() === null) keep(undefined)
    },
    user: () => userOf(current()),
    end() {
      const session = current()
      pending = undefined
      keep(null)
      return session ? revoke(session) : Promise.resolve()
    },
    onChange(listener) {
      listeners = listeners.concat(listener)
      return () => {
        listeners = listeners.filter((other) => other !== listener)
      }
    },
  }
}

const userOf = (kept: Kept) => (kept ? kept.user : null)

/** Equal for sessions of the same user: a renewed token is no news. */
const userKeyOf = (kept: Kept) => (kept ? [kept.user.id, kept.user.formerIds, kept.user.unionid].join() : '')
