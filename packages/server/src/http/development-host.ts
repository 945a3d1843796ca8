import { isIP } from 'node:net'
import { ProblemError } from '../domain/problem-error.ts'

/**
 * Development only: codes of anybody can be made up there, so a page that points a name of its own at this machine (DNS
 * rebinding) must not log in. An address cannot be such a name.
 *
 * @param names host names that the configuration speaks of
 * @throws {ProblemError} `forbidden`
 */
export function refuseForeignHost(request: Request, names: readonly string[]): void {
  const host = URL.parse(request.url)?.hostname ?? ''
  const plain = host.replace(/^\[(.*)\]$/, '$1')
  if (isIP(plain) !== 0 || /(?:^|\.)localhost$/.test(plain) || names.includes(plain)) return
  throw new ProblemError(
    'forbidden',
    'In development a login comes to localhost, to an address, or to the host of HUFU_ISSUER or HUFU_HOST.',
  )
}
