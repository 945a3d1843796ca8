import type { AppCheckReply, AppToCheck } from '@hufu/contract'
import { ProblemError } from '../domain/problem-error.ts'
import type { AdminClient } from './admin-client.ts'

/**
 * Asks WeChat whether an app's AppSecret fits, and says so in a sentence.
 *
 * @throws {ProblemError} when WeChat refuses them, with cause and cure
 */
export async function checkCredentials(admin: AdminClient, app: AppToCheck, otherwise: string): Promise<string> {
  const check = await admin.call<AppCheckReply>('POST', 'apps/check', app)
  if (check.verdict === 'accepted') return 'WeChat accepts its AppSecret · 微信已接受该 AppID 与 AppSecret'
  if (check.verdict === 'unknown')
    return `Whether its AppSecret fits is not known · 未能确认 AppSecret\n${reasons(check)}`
  throw new ProblemError(
    'invalid_request',
    `WeChat refuses ${app.appId} with this AppSecret · 微信拒绝了该 AppID 与 AppSecret\n${reasons(check)}\n${otherwise}`,
  )
}

/** What WeChat said, why, and what helps, a line each. */
export function reasons({ errcode, cause, cure, seenAddress }: AppCheckReply): string {
  const number = errcode === undefined ? '' : `errcode ${errcode}: `
  const lines = [`${number}${cause?.en} · ${cause?.zh}`, `${cure?.en}`, `${cure?.zh}`]
  if (seenAddress !== undefined) lines.splice(1, 0, `WeChat saw the address ${seenAddress} · 微信看到的 IP`)
  return lines.map((line) => `  ${line}`).join('\n')
}
