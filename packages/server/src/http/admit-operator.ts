import { createHash, timingSafeEqual } from 'node:crypto'
import { ProblemError } from '../domain/problem-error.ts'
import { bearer } from './bearer.ts'

/** Lets a caller act as operator. @throws {ProblemError} `forbidden` or `token_invalid` unless they may */
export type AdmitOperator = (request: Request) => void

/** On a listener that is not for operators. */
export const refuseOperators: AdmitOperator = () => {
  throw new ProblemError('forbidden', 'Operators have a listener of their own.')
}

/** On a listener that only operators reach, such as the socket in the data folder. */
export const admitEverybody: AdmitOperator = () => undefined

/** By a bearer token, compared as digests, so that neither length nor content shows in the time it takes. */
export function admitByToken(token: string | undefined): AdmitOperator {
  const digest = (value: string): Buffer => createHash('sha256').update(value).digest()
  const expected = token === undefined ? undefined : digest(token)
  return (request) => {
    if (expected && timingSafeEqual(digest(bearer(request)), expected)) return
    throw new ProblemError('token_invalid', 'This is not the token of the admin listener.')
  }
}
