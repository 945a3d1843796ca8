import { byCode, startClient } from './client.ts'
import type { Client, CodeOptions } from './types.ts'

export { isHufuError } from './is-hufu-error.ts'
export type * from './types.ts'

/** 与主入口相同，只是没有云开发的登录方式，体积更小。 */
export function createClient(options: CodeOptions): Client {
  return startClient(options, byCode)
}
