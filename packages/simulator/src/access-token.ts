import { checkSecret } from './credentials.ts'
import type { ApiRequest, Replies, Reply } from './reply.ts'
import { readWeChatJson } from './wechat-json.ts'
import type { App, AppToken, World } from './world.ts'

const life = 7_200_000
const overlap = 300_000

/** `GET /cgi-bin/token`: a new token at every call; the one before it dies within five minutes. */
export function classicToken(world: World, replies: Replies, { path, query }: ApiRequest): Reply {
  const app = checkClient(world, query.get('grant_type'), query.get('appid'), query.get('secret'))
  if (typeof app === 'number') return replies.error(path, app)
  const now = world.clock.now()
  const { classic } = app.tokens
  if (classic !== undefined) classic.deadAt = Math.min(classic.deadAt, now + overlap)
  const token = mint(world, app)
  app.tokens.classic = token
  return tokenReply(replies, path, token, now)
}

/**
 * `POST /cgi-bin/stable_token`: the same token while it is good for more than five minutes, then the next, and both live
 * on. Forced: the old one dies at once; at most every 30 s (sooner, nothing happens) and 20 times in a day.
 */
export function stableToken(world: World, replies: Replies, { path, body }: ApiRequest): Reply {
  const data = readWeChatJson(body)
  if (typeof data === 'number') return replies.error(path, data)
  const app = checkClient(world, data.grant_type, data.appid, data.secret)
  if (typeof app === 'number') return replies.error(path, app)
  const { tokens } = app
  const now = world.clock.now()
  const current = tokens.stable !== undefined && tokens.stable.deadAt - now > overlap ? tokens.stable : undefined
  const recent = tokens.forcedAt.filter((at) => now - at < 24 * 3600 * 1000)
  const isForced = data.force_refresh === true && !recent.some((at) => now - at < 30_000)
  if (isForced && recent.length >= 20) return replies.error(path, 45009)
  if (isForced) {
    tokens.forcedAt = [...recent, now]
    if (tokens.stable !== undefined) tokens.stable.deadAt = Math.min(tokens.stable.deadAt, now)
  }
  const token = current === undefined || isForced ? mint(world, app) : current
  tokens.stable = token
  return tokenReply(replies, path, token, now)
}

/** The app that a request's `access_token` speaks for, or the errcode that says what is wrong with it. */
export function checkAccessToken(world: World, query: URLSearchParams): App | number {
  const value = query.get('access_token')
  if (!value) return 41001
  if (!/^\d+_[\w-]+$/.test(value)) return 40014
  const token = world.appTokens.get(value)
  const now = world.clock.now()
  if (token === undefined) return 40001
  if (now >= token.expiresAt) return 42001
  return now < token.deadAt ? token.app : 40001
}

function checkClient(world: World, grantType: unknown, appId: unknown, secret: unknown): App | number {
  if (grantType !== 'client_credential') return 40002
  if (typeof appId !== 'string' || appId === '') return 41002
  if (typeof secret !== 'string' || secret === '') return 41004
  return checkSecret(world, appId, secret)
}

function mint(world: World, app: App): AppToken {
  const expiresAt = world.clock.now() + life
  const token = { app, value: world.ids.token('app', ++world.tokensMade), expiresAt, deadAt: expiresAt }
  world.appTokens.set(token.value, token)
  return token
}

function tokenReply(replies: Replies, path: string, { value, expiresAt }: AppToken, now: number): Reply {
  const expiresIn = Math.floor((expiresAt - now) / 1000)
  return replies.data(path, JSON.stringify({ access_token: value, expires_in: expiresIn }))
}
