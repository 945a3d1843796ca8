import * as parse from './parsers.ts'
import { optional, setting, type Words } from './setting.ts'

const PER_MINUTE: Words = { en: 'a minute', zh: '每分钟' }

/** How often somebody may log in, and how they are told apart. */
export const LIMIT_SETTINGS = {
  trustedProxies: optional({
    name: 'HUFU_TRUSTED_PROXIES',
    option: 'trustedProxies',
    parse: parse.trustedProxies,
    unit: { en: 'hop count 1–9, or networks joined by commas', zh: '代理层数 1–9，或逗号分隔的网段' },
    meaning: {
      en: 'proxies whose `X-Forwarded-For` (or else `Forwarded`) is believed, ports and brackets included; where they name no client, all behind one share ten times the limit. Without it the headers are ignored, and behind a private address logins are not limited by address',
      zh: '信任其 `X-Forwarded-For`（没有时用 `Forwarded`）的代理，可带端口与方括号；代理未写明客户端时，其后所有人共用十倍限额。不设则忽略这些头；来自私网地址的登录不按地址限流',
    },
  }),
  loginLimit: setting({
    name: 'HUFU_LOGIN_LIMIT',
    option: 'loginLimit',
    parse: parse.wholeNumber(0, 1_000_000),
    fallback: '600',
    unit: PER_MINUTE,
    meaning: {
      en: 'logins from one address block (IPv6 by /64), in each process; 0 turns every limiter off',
      zh: '每个地址段（IPv6 按 /64）、每个进程的登录次数；0 关闭所有限流',
    },
  }),
  cloudKeyLimit: setting({
    name: 'HUFU_CLOUD_KEY_LIMIT',
    parse: parse.wholeNumber(0, 10_000_000),
    fallback: '6000',
    unit: PER_MINUTE,
    meaning: {
      en: 'logins by one cloud key, in each process; 0 turns it off',
      zh: '每个云函数密钥、每个进程的登录次数；0 关闭',
    },
  }),
}
