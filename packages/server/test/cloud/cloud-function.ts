import type { TestContext } from 'node:test'
import { type Call, startFunction } from '../../../cloud/src/testing/cloud-function.ts'
import { issuer } from '../fixture/config.ts'
import type { TestServer } from '../fixture/server.ts'
import type { Pair } from './assertion.ts'
import { serve } from './serve.ts'

export type Result = { problem?: { code: string }; openid?: string; unionid?: string | null; user?: { id: string } }

/** What the operator puts into HUFU_CLOUD_KEY. */
const keyText = ({ privateKey, kid }: Pair): string => JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid })

/**
 * The login function of these apps, with the real wx-server-sdk in a process of its own; it posts to this server.
 *
 * @param keys by AppID; the first is the app that owns the environment
 */
export async function newFunction(
  t: TestContext,
  server: TestServer,
  keys: Record<string, Pair>,
  options: object = {},
) {
  const { address } = await serve(t, server.service.app)
  const login = await startFunction(new URL('../../../cloud/src/testing/login-function.cjs', import.meta.url))
  t.after(() => login.stop())
  const [owner = ''] = Object.keys(keys)
  const key = Object.fromEntries(Object.entries(keys).map(([appId, pair]) => [appId, keyText(pair)]))
  const settings = {
    OPTIONS: JSON.stringify({ server: address, audience: issuer, key, timeoutMs: 10_000, ...options }),
  }
  /** The function signs with the time of this machine. */
  const meet = () => server.advance(Date.now() - server.clock.now())
  return {
    /** As WeChat's platform invokes it when this person calls from their mini program. */
    callOf(app: { appId: string }, person: string): Call {
      const unionid = server.wechat.unionid(app.appId, person)
      const prefix = app.appId === owner ? 'WX_' : 'WX_FROM_'
      return {
        TCB_SOURCE: 'wx_client',
        WX_APPID: owner,
        [`${prefix}APPID`]: app.appId,
        [`${prefix}OPENID`]: server.wechat.openid(app.appId, person),
        ...(unionid === undefined ? {} : { [`${prefix}UNIONID`]: unionid }),
      }
    },
    async invoke(call: Call, event?: unknown): Promise<Result> {
      meet()
      return (await login.invoke({ ...call, ...settings }, event)) as Result
    },
    async invokeAll(calls: readonly Call[]): Promise<Result[]> {
      meet()
      return (await login.invokeAll(calls.map((call) => ({ ...call, ...settings })))) as Result[]
    },
  }
}
