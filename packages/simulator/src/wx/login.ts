import { type Callbacks, type Failure, fail, succeed } from './callbacks.ts'
import type { Api, Faults } from './faults.ts'
import { bytesOf, overNetwork } from './http.ts'

/** Makes the code that `wx.login` hands out. */
export type CodeSource = (who: { appId: string; person: string }) => string | Promise<string>

/** Codes of a running simulator (`POST /_sim/login`). */
export const codesOfSimulator =
  (url: string): CodeSource =>
  async (who) => {
    const reply = await overNetwork({
      url: `${url}/_sim/login`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(who),
    })
    const answer: unknown = JSON.parse(bytesOf(reply.body).toString())
    const code = (answer as { code?: unknown }).code
    if (typeof code !== 'string') throw new Error(`the simulator answered ${reply.status} and no code`)
    return code
  }

/** `code` is '' where WeChat gave none. */
export type LoginResult = { code: string; errMsg: string }

/** How many of these moments (milliseconds, ascending) lie in the busiest window of one second. */
export function busiestSecond(moments: readonly number[]): number {
  return moments.reduce((most, start) => {
    const within = moments.filter((moment) => moment >= start && moment < start + 1000).length
    return Math.max(most, within)
  }, 0)
}

export interface LoginWorld {
  faults: Faults
  codes: CodeSource
  who(): { appId: string; person: string }
  note(api: Api): void
  later(api: Api, run: () => void): void
  /** Whether this call comes too soon after others. */
  tooOften(): boolean
}

/** `wx.login`: callbacks only, it never returns a promise. */
export function createLogin(world: LoginWorld) {
  return (options: Callbacks<LoginResult> & { timeout?: number } = {}): void => {
    world.note('login')
    const answer = (run: () => void) => world.later('login', run)
    const refuse = (failure: Failure) => answer(() => fail(options, failure))
    const fault = world.faults.take('login')
    if (fault === 'throw') throw new Error('login:fail internal error')
    if (fault === 'never') return
    if (fault === 'empty') answer(() => succeed(options, { code: '', errMsg: 'login:ok' }))
    else if (fault) refuse({ errMsg: 'login:fail system error', errno: 5 })
    // WeChat documents the limit and not the words, so nobody should read these.
    else if (world.tooOften()) refuse({ errMsg: 'login:fail called too frequently' })
    else {
      Promise.resolve()
        .then(() => world.codes(world.who()))
        .then(
          (code) => answer(() => succeed(options, { code, errMsg: 'login:ok' })),
          (error: Error) => refuse({ errMsg: `login:fail ${error.message}` }),
        )
    }
  }
}
