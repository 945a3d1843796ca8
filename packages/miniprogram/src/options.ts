import { fail } from './errors.ts'
import type { Address, EnvVersion, Platform, SharedOptions } from './types.ts'

declare const wx: Platform | undefined

export interface Account {
  appId?: string | undefined
  /** `release` when the platform does not say: the careful answer. */
  env: EnvVersion
}

export function platformOf(options: SharedOptions): Platform {
  const platform = options.wx || (typeof wx === 'undefined' ? undefined : wx)
  if (!platform) throw fail('config', { reason: 'wx' })
  return platform
}

export function accountOf(platform: Platform): Account {
  try {
    // A platform without this function lands in the catch as well.
    const { appId, envVersion } = platform.getAccountInfoSync().miniProgram
    return { appId, env: envVersion || 'release' }
  } catch {
    return { env: 'release' }
  }
}

/**
 * The address for this version of the mini program, without a slash at its end.
 *
 * @throws {HufuError} `config` when it is not an http(s) origin with or without a path
 */
export function addressOf(given: Address | undefined, name: string, { env }: Account): string {
  const url = (typeof given === 'object' ? given[env] : given) || ''
  if (!/^https?:\/\/[^\s/?#@\\]+(\/[^\s?#\\]*)?$/.test(url)) throw fail('config', { reason: name })
  return url.replace(/\/+$/, '')
}
