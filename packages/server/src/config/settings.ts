import { join, resolve } from 'node:path'
import { LOG_LEVELS } from '../adapters/pino-log.ts'
import { SIGNING_ALGORITHMS } from '../adapters/tokens/keyring.ts'
import { CLOUD_RUN_SETTINGS } from './cloud-run.ts'
import type { Mode } from './config.ts'
import { databaseUrl } from './database-url.ts'
import * as parse from './parsers.ts'
import { place } from './place.ts'
import { optional, type Setting, setting, type Words } from './setting.ts'

const MADE: Words = {
  en: 'required (development: made in the data folder)',
  zh: '必填（开发模式：自动生成于数据目录）',
}
const PORT: Words = { en: 'port; 0 takes any', zh: '端口；0 为任意空闲端口' }
const PER_MINUTE: Words = { en: 'a minute', zh: '每分钟' }

/**
 * Every setting there is, in the order of the documents. A new one is a row here and its line in `configOf`; the command's
 * help and `docs/settings*.md` follow from it (`npm run docs:settings` writes these).
 */
export const SETTINGS = {
  mode: setting({
    name: 'HUFU_MODE',
    option: 'mode',
    parse: parse.oneOf<Mode>(['production', 'development']),
    fallback: 'production',
    meaning: {
      en: '`production` or `development`, which takes test codes and marks its tokens `test`. Kept in the database: the other mode refuses to open it',
      zh: '`production` 或 `development`；开发模式接受测试 code，令牌带 `test` 标记。写入数据库，另一模式打不开',
    },
  }),
  dataDir: setting({
    name: 'HUFU_DATA_DIR',
    parse: (value) => resolve(place(value)),
    fallback: './data',
    place: true,
    meaning: {
      en: 'folder of the database, its lock and the command’s socket; made for the owner alone',
      zh: '数据目录：数据库、锁和命令行使用的套接字；仅属主可访问',
    },
  }),
  database: setting({
    name: 'HUFU_DATABASE_URL',
    option: 'database',
    parse: databaseUrl,
    fallback: ({ dataDir }) => `file:${join(dataDir, 'hufu.db')}`,
    place: true,
    meaning: {
      en: '`file:…` (SQLite, one process) or `postgres://user:password@host:port/database` (any number of processes), its password percent-encoded',
      zh: '`file:…`（SQLite，单进程）或 `postgres://用户:密码@主机:端口/库`（多进程共享），密码须做百分号编码',
    },
  }),
  masterKey: setting({
    name: 'HUFU_MASTER_KEY',
    option: 'masterKey',
    parse: parse.masterKey,
    fallback: '',
    otherwise: MADE,
    secret: true,
    unit: { en: '32 bytes, base64', zh: '32 字节，base64' },
    meaning: {
      en: 'seals every secret in the database: without it a backup opens nothing. `hufu key make --out <file>`',
      zh: '封存数据库中的全部秘密；没有它，备份无法打开。`hufu key make --out <文件>`',
    },
  }),
  previousMasterKey: optional({
    name: 'HUFU_MASTER_KEY_PREVIOUS',
    option: 'previousMasterKey',
    parse: parse.masterKey,
    secret: true,
    unit: { en: '32 bytes, base64', zh: '32 字节，base64' },
    meaning: {
      en: 'the old key, while the master key changes: what it sealed is read and sealed again',
      zh: '更换主密钥期间的旧密钥：用它读出并重新封存',
    },
  }),
  host: setting({
    name: 'HUFU_HOST',
    parse: parse.hostName,
    fallback: ({ development }) => (development ? '127.0.0.1' : '0.0.0.0'),
    meaning: { en: 'address of the public listener', zh: '公开端口监听的地址' },
  }),
  port: setting({
    name: 'HUFU_PORT',
    parse: parse.portNumber,
    fallback: '8787',
    unit: PORT,
    meaning: { en: 'the public listener', zh: '公开端口' },
  }),
  adminHost: setting({
    name: 'HUFU_ADMIN_HOST',
    parse: parse.hostName,
    fallback: '127.0.0.1',
    meaning: { en: 'address of the admin listener; not for the internet', zh: '管理端口监听的地址；不要暴露到公网' },
  }),
  adminPort: setting({
    name: 'HUFU_ADMIN_PORT',
    parse: parse.portNumber,
    fallback: '8788',
    unit: PORT,
    meaning: { en: 'the admin listener, never the public port', zh: '管理端口，不能与公开端口相同' },
  }),
  adminToken: optional({
    name: 'HUFU_ADMIN_TOKEN',
    parse: parse.adminToken,
    otherwise: {
      en: 'none: the listener is off (development: made in the data folder)',
      zh: '无：管理端口关闭（开发模式：自动生成于数据目录）',
    },
    secret: true,
    unit: { en: '22–512 characters, ≥ 128 random bits', zh: '22–512 个字符，≥ 128 随机位' },
    meaning: {
      en: 'opens the admin listener, as `Authorization: Bearer …`; letters, digits and `-._~+/`',
      zh: '管理端口的令牌，以 `Authorization: Bearer …` 发送；字母、数字和 `-._~+/`',
    },
  }),
  issuer: setting({
    name: 'HUFU_ISSUER',
    option: 'issuer',
    parse: parse.issuerUrl,
    fallback: ({ development, port }) => (development ? `http://127.0.0.1:${port}` : ''),
    meaning: {
      en: 'public https address of this server; tokens name it and verifiers compare it, so it should not change',
      zh: '本服务的公网 https 地址；令牌写明、验证方逐字比对，定下后不要再改',
    },
  }),
  audience: optional({
    name: 'HUFU_AUDIENCE',
    option: 'audience',
    parse: parse.audience,
    otherwise: { en: '`<issuer>/realms/<realm>`', zh: '`<issuer>/realms/<realm>`' },
    meaning: {
      en: 'whom access tokens are for (`aud`); after a change, tokens made before it are refused',
      zh: '访问令牌的受众（`aud`）；更改后，旧令牌被拒绝',
    },
  }),
  signingAlgorithm: setting({
    name: 'HUFU_SIGNING_ALGORITHM',
    parse: parse.oneOf(SIGNING_ALGORITHMS),
    fallback: 'ES256',
    meaning: {
      en: '`ES256`, `EdDSA` or `RS256`; tokens signed before a change stay good for their time',
      zh: '`ES256`、`EdDSA` 或 `RS256`；更改前签发的令牌在有效期内仍可用',
    },
  }),
  trustedProxies: optional({
    name: 'HUFU_TRUSTED_PROXIES',
    option: 'trustedProxies',
    parse: parse.trustedProxies,
    unit: { en: 'hop count 1–9, or networks joined by commas', zh: '代理层数 1–9，或逗号分隔的网段' },
    meaning: {
      en: 'proxies whose `X-Forwarded-For` is believed. Without it the header is ignored, and behind a private address logins are not limited by address',
      zh: '信任其 `X-Forwarded-For` 的代理。不设则忽略该头；来自私网地址的登录不按地址限流',
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
  exposeWeChatIds: setting({
    name: 'HUFU_EXPOSE_WECHAT_IDS',
    option: 'exposeWeChatIds',
    parse: parse.trueOrFalse,
    fallback: 'true',
    meaning: {
      en: '`false` leaves openid and unionid out of login answers',
      zh: '`false` 时登录响应不含 openid 与 unionid',
    },
  }),
  logLevel: setting({
    name: 'HUFU_LOG_LEVEL',
    option: 'logLevel',
    parse: parse.oneOf(LOG_LEVELS),
    fallback: 'info',
    meaning: {
      en: '`debug`, `info`, `warn`, `error` or `silent`; JSON lines on standard error (`hufu dev`: `warn`)',
      zh: '`debug`、`info`、`warn`、`error` 或 `silent`；JSON 行输出到标准错误（`hufu dev` 默认 `warn`）',
    },
  }),
  simulatorPort: setting({
    name: 'HUFU_SIMULATOR_PORT',
    parse: parse.portNumber,
    fallback: '8789',
    unit: PORT,
    meaning: { en: 'the simulated WeChat of `hufu dev`', zh: '`hufu dev` 的微信模拟器' },
  }),
  wechatBaseUrl: optional({
    name: 'HUFU_WECHAT_BASE_URL',
    option: 'wechatBaseUrl',
    parse: parse.wechatBaseUrl,
    otherwise: { en: '`https://api.weixin.qq.com`', zh: '`https://api.weixin.qq.com`' },
    meaning: {
      en: 'another WeChat, such as the simulator; development only, since whoever answers there decides who everybody is',
      zh: '另一个“微信”，如模拟器；仅限开发模式，因为它决定每个人是谁',
    },
  }),
  ...CLOUD_RUN_SETTINGS,
} as const

export const ALL_SETTINGS: readonly Setting<unknown>[] = Object.values(SETTINGS)
