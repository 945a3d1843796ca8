import type { Act } from '../domain/act.ts'
import { takesCodes } from '../domain/app.ts'
import { readLoginCode } from '../domain/login-code.ts'
import { ProblemError } from '../domain/problem-error.ts'
import { FRESH } from '../domain/session.ts'
import type { Directory } from '../ports/directory.ts'
import type { Limit } from '../ports/limit.ts'
import type { Sessions } from '../ports/sessions.ts'
import type { Users } from '../ports/users.ts'
import type { WeChat } from '../ports/wechat.ts'
import type { Person } from './authenticate.ts'

export interface ProvePresenceDeps {
  sessions: Sessions
  users: Users
  directory: Directory
  wechat: WeChat
  /** Of logins, by address block: a made-up code costs WeChat as much here as there. */
  limit: Limit
  /** Whether the codes of WeChat DevTools and of `hufu dev` are taken. */
  development: boolean
}

export interface Proof {
  /** The app that the code was made for; the one that the person came in through if absent. */
  appId: string | undefined
  code: string | undefined
}

export interface ProvePresenceInput {
  act: Act
  person: Person
  proof: Proof
  /** The caller's address block, where known. */
  clientAddress: string | undefined
}

/**
 * Lets an act go on that must not be done with an access token that somebody found: the session began a moment ago, or a code
 * that WeChat takes is this very user's. The code is redeemed only where the session does not do, and the user is known in the
 * app that it is said to be of.
 *
 * @throws {ProblemError} `login_required`; `invalid_request`, and as redeeming a code refuses
 */
export async function provePresence(deps: ProvePresenceDeps, input: ProvePresenceInput): Promise<void> {
  const { act, person, proof } = input
  if (proof.appId !== undefined && proof.code === undefined) throw appWithoutCode()
  const found = await deps.sessions.find(person.sessionId)
  // In both directions: a clock that steps back must not make an old session a fresh one.
  if (found && Math.abs(act.now - found.session.createdAt) <= FRESH) return
  if (proof.code === undefined || !(await isTheirs(deps, input, proof.code))) throw loginRequired()
}

async function isTheirs(deps: ProvePresenceDeps, input: ProvePresenceInput, raw: string): Promise<boolean> {
  const { person, proof, clientAddress } = input
  const app = deps.directory.app(proof.appId ?? person.appId)
  const view = await deps.users.find(person.userId)
  if (!app || !takesCodes(app) || !view?.identities.some(({ appId }) => appId === app.id)) return false
  const { code } = readLoginCode(raw, deps)
  deps.limit.take(clientAddress)
  const { openid, snapshot } = await deps.wechat.identify(app, code, clientAddress)
  // Looked up again: the two may have become one user, or two, in the meantime.
  const owner = snapshot ? undefined : await deps.users.findByIdentity({ appId: app.id, openid })
  return owner !== undefined && [owner.user.id, ...owner.user.formerIds].includes(person.userId)
}

const loginRequired = (): ProblemError =>
  new ProblemError(
    'login_required',
    'This wants a login of the last five minutes. Log in again and use the new access token, or send a fresh code of this person: {appId, code}.',
  )

const appWithoutCode = (): ProblemError =>
  new ProblemError('invalid_request', 'Wrong: appId (it says whose the code is, and there is none).')
