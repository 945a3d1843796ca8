import { Secret } from '@hufu/wechat/secret'
import type { AppCheck } from '../domain/app-check.ts'
import { type AppFieldRules, readAppKind, readAppSecret, readNewAppId } from '../domain/app-fields.ts'
import type { WeChat } from '../ports/wechat.ts'

export interface CheckAppDeps extends AppFieldRules {
  wechat: WeChat
}

/**
 * Asks WeChat whether an AppID and an AppSecret fit, before anybody says that people can log in. In development a refusal
 * is only unknown: an app may be there before its WeChat knows it.
 *
 * @throws {ProblemError} `invalid_request`
 */
export async function checkApp(
  deps: CheckAppDeps,
  input: { appId: string; secret: string; kind?: string | undefined },
): Promise<AppCheck> {
  const id = readNewAppId(input.appId, deps)
  const kind = readAppKind(input.kind ?? 'miniprogram')
  const secret = new Secret('AppSecret', readAppSecret(input.secret, deps))
  const check = await deps.wechat.check({ id, kind, secret })
  return deps.development && check.verdict === 'refused' ? { ...check, verdict: 'unknown' } : check
}
