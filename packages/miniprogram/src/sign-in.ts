import { after, call } from './call.ts'
import { fail } from './errors.ts'
import type { Platform } from './types.ts'

/** Where a session comes in: asks the platform who this is, and resolves with what Hufu answered. */
export type Door = () => Promise<unknown>

export type Post = (path: string, data: object) => Promise<unknown>

/** The door of method one: a fresh code from `wx.login`, exchanged together with a fresh nonce. */
export const codeDoor =
  (platform: Platform, post: Post, appId: string, person?: string): Door =>
  () =>
    freshCode(platform, person).then((code) => post('/v1/login', { appId, code, nonce: nonce() }))

function freshCode(platform: Platform, person?: string): Promise<string> {
  if (person) return Promise.resolve(`hufu-dev:${person}`)
  // A watchdog of our own: a `timeout` of wx.login is reported not to fire. Success may come without a code.
  return call<{ code?: string }>((callbacks) => platform.login(callbacks), 10000, 'login_failed').then(({ code }) => {
    if (!code) throw fail('login_failed', { reason: 'no code' })
    return code
  })
}

/**
 * Binds the exchange to whoever began it: within a minute a code can be sent again, but only with the same nonce.
 *
 * This engine has no synchronous source of strong randomness. None is needed: the nonce travels beside the code in
 * one encrypted request, and has only to be unknown to someone who later finds the code alone, in a log. So several
 * draws, about 50 bits each, after the moment by the phone's own clock.
 */
export function nonce(): string {
  let text = Date.now().toString(36)
  while (text.length < 40) text += Math.random().toString(36).slice(2)
  return text
}

export interface Gate {
  /** Lets the next one through: at once, or after the pause that earlier ones made necessary. */
  <Result>(enter: () => Promise<Result>): Promise<Result>
  /** Says that signing in worked: the next pause is short again. */
  reset(): void
}

/**
 * WeChat allows four `wx.login` a second for a person. Two copies of this package in one app stay under that
 * with 600 ms between calls; every further try without success doubles the pause, up to 9.6 s.
 */
export function createGate(): Gate {
  let last = 0
  let tries = 0
  const gate: Gate = (enter) => {
    const gap = Math.max(600, 300 << tries)
    const now = Date.now()
    // Never longer than the pause itself, should the phone's clock have been set back.
    const wait = Math.max(0, Math.min(last + gap - now, gap))
    last = now + wait
    tries = Math.min(tries + 1, 5)
    return wait ? after(wait).then(enter) : enter()
  }
  gate.reset = () => {
    tries = 0
  }
  return gate
}
