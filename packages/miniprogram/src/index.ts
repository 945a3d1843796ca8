import { byCode, startClient } from './client.ts'
import { byCloud } from './cloud.ts'
import type { Client, ClientOptions } from './types.ts'

export { isHufuError } from './is-hufu-error.ts'
export type * from './types.ts'

/** 创建客户端，一个小程序一个。选项不对时立刻抛出 `config` 错误。 */
export function createClient(options: ClientOptions): Client {
  return options.cloud ? startClient(options, byCloud) : startClient(options, byCode)
}
