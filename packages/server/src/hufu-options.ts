import type { LogLevel } from './adapters/pino-log.ts'
import type { AppKind } from './domain/app.ts'
import type { OnEvent } from './usecases/deliver-events.ts'

/** An app whose users log in. Added to the database when it is not there; its secret is kept up to date. */
export interface HufuApp {
  /** The AppID as WeChat shows it: `wx` and 16 characters. */
  appId: string
  /** The AppSecret, from wherever the application keeps its secrets. Sealed with the master key; never comes out again. */
  secret: string
  /** `miniprogram` if absent. Decides how a code is redeemed; it stays as it is once the app is there. */
  kind?: AppKind
  /**
   * The user pool, `default` if absent. Apps in one realm share their users by unionid, so put only apps of one Open
   * Platform account (微信开放平台账号) into one.
   */
  realm?: string
  /** A name for people; the AppID if absent. */
  name?: string
  /**
   * Browser pages that may call with CORS; none if absent. Mini programs need none.
   *
   * @example ['https://shop.example']
   */
  origins?: string[]
}

/**
 * What `createHufu` is told. Text is trimmed; an option that is wrong, or that there is not, stops the start with a
 * `ConfigError` that names it.
 */
export interface HufuOptions {
  // ── The database, and the key that seals it ──

  /**
   * Connections to PostgreSQL, 10 if absent, 1 to 1000; SQLite does not look at it. Where the server allows fewer, Hufu
   * makes do with those.
   *
   * @example 4
   */
  databasePool?: number
  /**
   * 32 bytes in base64 that seal every secret in the database. Keep a copy away from the backups: without it they open
   * nothing, with it they open everything. Another key than the database's stops the start.
   *
   * @example readFileSync('master.key', 'utf8') // made once by: hufu key make --out master.key
   */
  masterKey: string
  /** The old master key, while it is being changed: what it sealed is read, and sealed again with `masterKey`. None if absent. */
  previousMasterKey?: string
  /**
   * `file:…` (SQLite, for one process) or `postgres://…` (for any number of processes), the password percent-encoded;
   * `file:./data/hufu.db` if absent. Made when it is not there, and brought up to this release's schema.
   *
   * @example 'postgres://hufu:p%40ss@db.internal/hufu'
   */
  database?: string
  /**
   * `production` if absent. `development` takes test codes and marks its tokens `test`. Kept in the database: the other
   * mode refuses to open it.
   */
  mode?: 'production' | 'development'

  // ── What tokens say ──

  /**
   * The public https address (in development http too) that tokens name as their issuer (`iss`), without a slash at its
   * end. Verifiers compare it byte for byte: tokens signed under another one are refused.
   *
   * @example 'https://shop.example.com'
   */
  issuer: string
  /**
   * Whom access tokens are for (`aud`); `<issuer>/realms/<realm>` if absent. One for all realms, so where
   * there are several it stops the start. A change refuses the access tokens made before it.
   *
   * @example 'my-product'
   */
  audience?: string

  // ── Who logs in ──

  /** Apps to add or to keep up to date at the start; none if absent. Apps that are in the database already work anyway. */
  apps?: HufuApp[]
  /** Whether answers of `fetch` hold openid and unionid; `true` if absent. The methods tell them always. */
  exposeWeChatIds?: boolean
  /**
   * Development only: another WeChat, such as the simulator; `https://api.weixin.qq.com` if absent. Whoever answers there
   * decides who everybody is.
   *
   * @example 'http://127.0.0.1:8789'
   */
  wechatBaseUrl?: string

  // ── How often ──

  /** Logins per minute and address block (IPv6 by /64) in this process; 600 if absent, 0 turns every limiter off. */
  loginLimit?: number
  /**
   * The proxies in front whose `X-Forwarded-For` (or else `Forwarded`) is believed: how many there are (1–9), or their
   * networks joined by commas.
   * If absent the header is ignored, and requests from a private address are not limited by address.
   *
   * @example '1'
   * @example '10.0.0.0/8,fd00::/8'
   */
  trustedProxies?: string
  /**
   * The IP address of the peer of a request's connection, where the application knows it; the limit counts by it. If
   * absent, Node servers of Hono tell by themselves and others tell nothing, so that no limit applies.
   *
   * @example (request) => addresses.get(request)
   */
  addressOf?: (request: Request) => string | undefined

  // ── What is heard ──

  /**
   * Hears of users created, unified, split, blocked and deleted: in order, at least once each, also after a crash. What
   * it throws, or a promise that rejects, brings the same event again. If absent events wait in the database, for 180 days.
   *
   * @example async ({ kind, userId }) => { if (kind === 'user.deleted') await orders.forget(userId) }
   */
  onEvent?: OnEvent
  /**
   * Days that audit events of logins are kept; 30 if absent. Operators in China must keep network logs for six months.
   *
   * @example 180
   */
  loginAuditDays?: number
  /** Days that every other audit event is kept; 180 if absent. */
  auditDays?: number
  /** The least that is logged, as JSON lines on standard error; `info` if absent. */
  logLevel?: LogLevel
}
