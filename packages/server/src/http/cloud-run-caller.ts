import { openid as readOpenid, unionid as readUnionid } from '@hufu/wechat/words'
import { ProblemError } from '../domain/problem-error.ts'
import type { CloudRunCaller } from '../usecases/log-in-by-cloud-run.ts'

/** What the operator pinned: the headers of anybody else are nobody's word. */
export interface GatewayRules {
  /** The environment id that `x-wx-env` must bear. */
  environment: string
  appIds: readonly string[]
  /** Apps that share this environment's resources (`x-wx-from-appid`). */
  fromAppIds: readonly string[]
  /** Accepted first elements of `x-wx-source`. */
  sources: readonly string[]
}

const NAMES = ['openid', 'appid', 'unionid', 'from-openid', 'from-appid', 'from-unionid', 'env', 'source'] as const
type Name = (typeof NAMES)[number]

/**
 * Who is calling, as the gateway of WeChat Cloud Run says (threat T04). Only for a listener that nothing but the gateway
 * reaches.
 *
 * @param raw header names and values in turn, as they came on the wire
 * @throws {ProblemError} `forbidden`
 */
export function readGatewayCaller(raw: readonly string[], rules: GatewayRules): CloudRunCaller {
  const said = readHeaders(raw)
  const source = said.get('source')?.split(',')[0]
  if (source === undefined || !rules.sources.includes(source)) throw refused('x-wx-source')
  if (said.get('env') !== rules.environment) throw refused('x-wx-env')
  const appId = said.get('appid')
  if (appId === undefined || !rules.appIds.includes(appId)) throw refused('x-wx-appid')
  if (!said.has('from-openid') && !said.has('from-appid') && !said.has('from-unionid')) {
    return caller(appId, said.get('openid'), said.get('unionid'))
  }
  // A shared environment: the caller is of the app that borrows it, and the app that owns it has no openid to tell. Both
  // at once are not the gateway's word (WeChat's page on callContainer): one of them came with the request.
  if (said.has('openid')) throw refused('x-wx-openid beside x-wx-from-*')
  const fromAppId = said.get('from-appid')
  if (fromAppId === undefined || !rules.fromAppIds.includes(fromAppId)) throw refused('x-wx-from-appid')
  return caller(fromAppId, said.get('from-openid'), said.get('from-unionid'))
}

function readHeaders(raw: readonly string[]): Map<Name, string> {
  const said = new Map<Name, string>()
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const header = raw[at]?.toLowerCase() ?? ''
    const name = NAMES.find((one) => header === `x-wx-${one}`)
    if (!name) continue
    if (said.has(name)) throw refused(`${header}, which came twice`)
    said.set(name, raw[at + 1] ?? '')
  }
  for (const [name, value] of said) if (value === '') said.delete(name) // says nothing
  return said
}

function caller(appId: string, openid: string | undefined, unionid: string | undefined): CloudRunCaller {
  try {
    return {
      appId,
      openid: readOpenid(openid),
      unionid: unionid === undefined ? undefined : readUnionid(unionid),
    }
  } catch {
    throw refused('the openid or unionid')
  }
}

const refused = (what: string): ProblemError =>
  new ProblemError('forbidden', `The gateway's headers do not say who is calling: look at ${what}.`)
