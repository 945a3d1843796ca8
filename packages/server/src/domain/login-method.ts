import type { LoginMethodName } from '@hufu/contract'
import { LOGIN_METHODS } from '@hufu/contract/data'

export type { LoginMethodName }

/**
 * Reads the name of a login method that was written down.
 *
 * @throws {TypeError} for one that this version does not know
 */
export function storedLoginMethod(raw: unknown): LoginMethodName {
  const known = LOGIN_METHODS.find((name) => name === raw)
  if (known) return known
  throw new TypeError(`not a login method that this version knows (${LOGIN_METHODS.join(', ')})`)
}
