import type { Clock } from '../ports/clock.ts'
import type { Limit } from '../ports/limit.ts'
import type { Log } from '../ports/log.ts'
import { isShared } from './client-address.ts'
import { loginLimit } from './login-limit.ts'

/** What a proxy that does not tell its clients apart may bring, in clients. */
const CLIENTS_BEHIND_A_PROXY = 10

/** How often an address block may log in. Zero switches it off. Says once that a proxy hides who logs in through it. */
export function addressLimit(perMinute: number, { clock, log }: { clock: Clock; log: Log }): Limit {
  const alone = loginLimit(perMinute, clock)
  const shared = loginLimit(perMinute * CLIENTS_BEHIND_A_PROXY, clock)
  let warned = perMinute === 0
  return {
    take(block) {
      if (block === undefined || !isShared(block)) return alone.take(block)
      if (!warned) log.warn('login_limit_shared', { why: WHY })
      warned = true
      shared.take(block)
    },
  }
}

const WHY =
  'a proxy that HUFU_TRUSTED_PROXIES names tells no client address in X-Forwarded-For or Forwarded, so all who come through it share ten times HUFU_LOGIN_LIMIT; let the proxy write the address'
