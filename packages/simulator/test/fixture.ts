import { createSimulator, type Reply, type SimulatorOptions } from '../src/index.ts'

export const shop = {
  appId: 'wx00000000000000a1',
  kind: 'miniprogram',
  secret: 'shop-secret',
  openAccount: 'owner',
} as const
export const club = {
  appId: 'wx00000000000000a2',
  kind: 'miniprogram',
  secret: 'club-secret',
  openAccount: 'owner',
} as const
export const loner = { appId: 'wx00000000000000a3', kind: 'miniprogram', secret: 'loner-secret' } as const
export const news = {
  appId: 'wx00000000000000b1',
  kind: 'official-account',
  secret: 'news-secret',
  openAccount: 'owner',
} as const
export const site = {
  appId: 'wx00000000000000c1',
  kind: 'website',
  secret: 'site-secret',
  openAccount: 'owner',
} as const
export const phoneApp = {
  appId: 'wx00000000000000d1',
  kind: 'mobile',
  secret: 'mobile-secret',
  openAccount: 'owner',
} as const

/** 2024-08-22T01:14:57Z, in milliseconds; its seconds in hexadecimal start the request id of a quoted reply. */
export const MORNING = 0x66c69111 * 1000

/** A simulator with a stopped clock, every kind of app, and two people. */
export function newSimulator(options: SimulatorOptions = {}) {
  const simulator = createSimulator({ seed: 'test', now: () => MORNING, ...options })
  for (const app of [shop, club, loner, news, site, phoneApp]) simulator.addApp(app)
  for (const name of ['mei', 'bo']) simulator.addPerson({ name })
  return simulator
}

type Fields = Record<string, string>
const target = (path: string, fields: Fields) => `${path}?${new URLSearchParams(fields)}`

export const codeToSession = (
  code: string,
  app: { appId: string; secret: string } = shop,
  fields: Fields = {},
): string =>
  target('/sns/jscode2session', {
    appid: app.appId,
    secret: app.secret,
    js_code: code,
    grant_type: 'authorization_code',
    ...fields,
  })

export const oauthToken = (code: string, app: { appId: string; secret: string } = news, fields: Fields = {}): string =>
  target('/sns/oauth2/access_token', {
    appid: app.appId,
    secret: app.secret,
    code,
    grant_type: 'authorization_code',
    ...fields,
  })

export const get = target

/** The body as data. */
export const read = (reply: Reply): Record<string, unknown> => JSON.parse(reply.body.toString())
