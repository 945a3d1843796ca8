import type { LoginCode } from '@hufu/wechat/words'
import type { Act } from '../domain/act.ts'
import type { CodeApp } from '../domain/app.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Events } from '../ports/events.ts'
import type { WeChat, WeChatPerson } from '../ports/wechat.ts'
import { type CompleteLoginDeps, completeLogin } from './complete-login.ts'
import type { LoginResult } from './login-result.ts'
import { recordRefusal } from './record-refusal.ts'
import { repeatLogin } from './repeat-login.ts'
import type { WriteHealth } from './write-health.ts'

export interface RedeemCodeDeps extends CompleteLoginDeps {
  wechat: WeChat
  writes: WriteHealth
  events: Events
}

interface RedeemCodeInput {
  act: Act
  app: CodeApp
  code: LoginCode
  nonce: string | undefined
  clientAddress: string | undefined
  /** What the code is remembered by; absent for a code that may be used again and again. */
  codeHash: Uint8Array | undefined
}

/**
 * Asks WeChat whose code this is, where that can be written down, and completes the login. A refusal that speaks of the
 * person or the code is recorded.
 */
export async function redeemCode(deps: RedeemCodeDeps, input: RedeemCodeInput): Promise<LoginResult> {
  const { act, app, code, nonce, codeHash } = input
  await deps.writes.prove()
  let person: WeChatPerson
  try {
    person = await deps.wechat.identify(app, code, input.clientAddress)
    if (person.snapshot) throw snapshotUser()
  } catch (error) {
    // WeChat calls a code used also when another process, or this one before a restart, redeemed it a moment ago.
    const mayBeOurs = isOf(error, 'code_spent') || isOf(error, 'code_invalid')
    const repeated = codeHash && mayBeOurs && (await repeatLogin(deps, { act, app, codeHash, nonce }))
    if (repeated) return repeated
    await recordRefusal(deps, { act, appId: app.id, error })
    throw error
  }
  return completeLogin(deps, { act, app, person, method: { name: 'code' }, codeHash, nonce })
}

const isOf = (error: unknown, code: ProblemError['code']): boolean =>
  error instanceof ProblemError && error.code === code

const snapshotUser = (): ProblemError =>
  new ProblemError(
    'snapshot_user',
    'WeChat opened the page in snapshot mode, with a virtual account. Ask the person to press "use full service".',
  )
