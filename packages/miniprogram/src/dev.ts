import { merge } from './errors.ts'
import { explain } from './explain.ts'
import { createClient as createPlainClient } from './index.ts'
import { isHufuError } from './is-hufu-error.ts'
import type { Client, ClientOptions, RequestOptions } from './types.ts'

export { isHufuError } from './is-hufu-error.ts'
export type * from './types.ts'

/** 开发用：与主入口完全相同，只是错误信息里写明原因和办法。 */
export function createClient(options: ClientOptions): Client {
  const client = explained(() => createPlainClient(options))
  return merge(merge({}, client), {
    login: () => client.login().catch(rethrow),
    ready: () => client.ready().catch(rethrow),
    request: <Data>(request: RequestOptions) => client.request<Data>(request).catch(rethrow),
  })
}

function explained<Result>(run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    return rethrow(error)
  }
}

function rethrow(error: unknown): never {
  throw isHufuError(error) ? explain(error) : error
}
