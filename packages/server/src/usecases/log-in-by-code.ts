import { type Act, actBy, appActor } from '../domain/act.ts'
import { takesCodes } from '../domain/app.ts'
import { readLoginCode } from '../domain/login-code.ts'
import { ProblemError } from '../domain/problem-error.ts'
import { sha256 } from '../domain/sha256.ts'
import type { Directory } from '../ports/directory.ts'
import type { CodeMemory } from './code-memory.ts'
import { findApp } from './find-app.ts'
import type { LoginResult } from './login-result.ts'
import { type RedeemCodeDeps, redeemCode } from './redeem-code.ts'
import { codeSpent, repeatLogin } from './repeat-login.ts'

export interface LogInByCodeDeps extends RedeemCodeDeps {
  directory: Directory
  codes: CodeMemory
  /** Whether the codes of WeChat DevTools and of `hufu dev` are taken. */
  development: boolean
}

export interface LogInByCodeInput {
  act: Act
  appId: string
  code: string
  nonce: string | undefined
  /** The caller's address block, where known. */
  clientAddress: string | undefined
}

/**
 * Turns a code into a session of ours, creating the user on a first visit. Posted again within a minute, the same code
 * gives the same session and costs WeChat nothing.
 *
 * @throws {ProblemError} `app_unknown`, `code_invalid`, `code_spent`, `user_blocked`, `risk_refused`, `snapshot_user`, `rate_limited`,
 *   `server_misconfigured`, `upstream_busy`, `upstream_unavailable`, `upstream_error`, `unavailable`
 */
export async function logInByCode(deps: LogInByCodeDeps, input: LogInByCodeInput): Promise<LoginResult> {
  const { nonce, clientAddress } = input
  const app = findApp(deps.directory, input.appId)
  if (!takesCodes(app)) throw noSecret()
  const act = actBy(input.act, appActor(app.id))
  const { code, reusable } = readLoginCode(input.code, deps)
  if (reusable) return redeemCode(deps, { act, app, code, nonce, clientAddress, codeHash: undefined })

  const codeHash = sha256(`${app.id} ${code}`)
  const earlier = deps.codes.earlier(codeHash)
  if (earlier) {
    await earlier // a failure of the first post is the answer to the repeat as well
    const repeated = await repeatLogin(deps, { act, app, codeHash, nonce })
    if (!repeated) throw codeSpent()
    return repeated
  }
  const first = redeemCode(deps, { act, app, code, nonce, clientAddress, codeHash })
  deps.codes.hold(codeHash, first)
  return first
}

const noSecret = (): ProblemError =>
  new ProblemError(
    'server_misconfigured',
    'This app was added without its AppSecret, so nobody signs in by a code. An operator gives it with: hufu app rotate-secret',
  )
