import type { Log } from '../ports/log.ts'
import { isPrivate } from './client-address.ts'

/**
 * Says once, and loudly, that addresses cannot be told apart.
 *
 * @param expected whether a peer with a private address is nothing to warn of
 */
export function proxyWarning({ expected, log }: { expected: boolean; log: Log }): (peer: string) => void {
  let warned = expected
  return (peer) => {
    if (warned || !isPrivate(peer)) return
    warned = true
    log.warn('login_limit_off', {
      why: 'requests come from a private address: a proxy that HUFU_TRUSTED_PROXIES does not name hides the clients, so logins are not limited by address',
    })
  }
}
