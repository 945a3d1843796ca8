import type { Problem } from '@hufu/contract'
import { call } from './call.ts'
import { placeAt, postTo, type WayOf } from './client.ts'
import { fail, merge } from './errors.ts'
import { addressOf } from './options.ts'
import type { Place } from './request.ts'
import { send } from './route.ts'
import type { CloudFunctionOptions, CloudRunOptions, Platform, PlatformCloud } from './types.ts'
import { membersOf, refusal } from './wire.ts'

/** Method two: WeChat itself says who is calling, to a function or to a container, and no code is needed. */
export const byCloud: WayOf<CloudFunctionOptions | CloudRunOptions> = (options, platform, account) => {
  const { cloud } = options
  const appId = options.appId || account.appId
  const of = [appId, cloud]
  if ('function' in cloud) {
    const server = options.server ? placeAt(addressOf(options.server, 'server', account), platform) : nowhere
    return { server, door: () => callFunction(platform, cloud.function), of }
  }
  const server = inContainer(platform, cloud)
  const post = postTo(server)
  // The container knows the caller from WeChat's own headers.
  return { server, door: () => post('/v1/login', appId ? { appId } : {}), of }
}

/** No address of a Hufu server is known: what cannot be renewed there ends, and the function is called again. */
const nowhere: Place = {
  base: '',
  route: (path) => Promise.reject(fail(path === '/v1/refresh' ? 'refused' : 'config', { reason: 'server' })),
}

const inContainer = (platform: Platform, { service, env }: CloudRunOptions['cloud']): Place => ({
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
