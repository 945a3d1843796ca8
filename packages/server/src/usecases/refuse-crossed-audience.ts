import { ProblemError } from '../domain/problem-error.ts'

/**
 * A verifier that looks at the audience alone would take a token of one realm for one of another, so one fixed audience goes
 * with one realm.
 *
 * @throws {ProblemError} `server_misconfigured`
 */
export function refuseCrossedAudience(fixedAudience: string | undefined, realms: number): void {
  if (fixedAudience === undefined || realms < 2) return
  throw new ProblemError(
    'server_misconfigured',
    `HUFU_AUDIENCE is one audience, and this database has ${realms} realms, whose tokens must not pass as each other's. Leave HUFU_AUDIENCE out: each realm then has its own, <issuer>/realms/<realm>, and verifiers are told that one.`,
  )
}
