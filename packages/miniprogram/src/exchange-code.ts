import { call } from './call.ts'
import { fail } from './errors.ts'
import type { Platform } from './types.ts'

/** Signs in by one login method: asks the platform who this is, and resolves with what Hufu answered. */
export type LoginStrategy = () => Promise<unknown>

/** One of the SDK's own calls of Hufu. @throws {HufuError} */
export type Post = (path: string, data: object) => Promise<unknown>

/** Login method `code`: a fresh code from `wx.login`, exchanged together with a fresh nonce. */
export const exchangeCode =
  (platform: Platform, post: Post, appId: string, person?: string): LoginStrategy =>
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
