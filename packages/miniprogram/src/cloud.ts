import type { Problem } from '@hufu/contract'
import { call } from './call.ts'
import { backendAt, postTo, type SetUpLogin } from './client.ts'
import { fail, merge } from './errors.ts'
import { addressOf } from './options.ts'
import type { Backend } from './request.ts'
import { send } from './route.ts'
import type { CloudFunctionOptions, CloudRunOptions, Platform, PlatformCloud } from './types.ts'
import { membersOf, refusal } from './wire.ts'

/** Login methods `cloud-function` and `cloud-run`: WeChat itself says there who is calling, and no code is needed. */
export const byCloud: SetUpLogin<CloudFunctionOptions | CloudRunOptions> = (options, platform, account) => {
  const { cloud } = options
  const appId = options.appId || account.appId
  const madeWith = [appId, cloud]
  if ('function' in cloud) {
    const server = options.server ? backendAt(addressOf(options.server, 'server', account), platform) : noBackend
    return { server, logIn: () => callFunction(platform, cloud.function), madeWith }
  }
  const server = inCloudRun(platform, cloud)
  const post = postTo(server)
  // Cloud Run tells the server its caller in headers of its own.
  return { server, logIn: () => post('/v1/login', appId ? { appId } : {}), madeWith }
}

/** No address of a Hufu server is known: what cannot be renewed there ends, and the function is called again. */
const noBackend: Backend = {
  base: '',
  route: (path) => Promise.reject(fail(path === '/v1/refresh' ? 'refused' : 'config', { reason: 'server' })),
}

const inCloudRun = (platform: Platform, { service, env }: CloudRunOptions['cloud']): Backend => ({
  base: '',
  route: (path, options, header) =>
    send(options, (rest) =>
      cloudOf(platform).callContainer(
        merge(rest, { path, config: { env }, header: merge({ 'X-WX-SERVICE': service }, header) }),
      ),
    ),
})

function callFunction(platform: Platform, name: string): Promise<unknown> {
  return call<{ result?: unknown }>(
    (callbacks) => cloudOf(platform).callFunction(merge({ name, data: {} }, callbacks)),
    15000,
    'cloud_failed',
  ).then(({ result }) => {
    // The function hands on what Hufu answered: a session, or the problem that kept it from being one.
    const { problem } = membersOf<{ problem: Problem }>(result)
    if (!problem) return result
    throw refusal({ statusCode: problem.status, data: problem, header: {} })
  })
}

/** Called inside `call`, which turns what it throws into an error of ours. */
function cloudOf({ cloud }: Platform): PlatformCloud {
  if (!cloud) throw new Error('wx.cloud')
  return cloud
}
