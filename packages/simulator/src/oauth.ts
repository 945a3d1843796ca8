import { findCode } from './codes.ts'
import { checkCredentials } from './credentials.ts'
import { unionidOf } from './people.ts'
import type { ApiRequest, Replies, Reply } from './reply.ts'
import type { Code, UserToken, World } from './world.ts'

const accessSeconds = 7200
const refreshSeconds = 30 * 24 * 3600

/** `GET /sns/oauth2/access_token`: official accounts, websites and mobile apps turn their code into a person. */
export function oauthAccessToken(world: World, replies: Replies, { path, query }: ApiRequest): Reply {
  const app = checkCredentials(world, query, 'code')
  if (typeof app === 'number') return replies.error(path, app)
  const text = query.get('code') ?? ''
  const code = findCode(world, app, 'oauth', text)
  if (code === undefined) return replies.error(path, 40029)
  if (code.used) return replies.error(path, 40163)
  if (code.visit.person.risk === 'blocked') return replies.error(path, 40226)
  code.used = true
  const token = issueUserToken(world, code, idsFor(world, code, text))
  return replies.data(
    path,
    JSON.stringify({
      ...tokenFields(token),
      is_snapshotuser: code.snapshot ? 1 : undefined,
      unionid: token.unionid,
    }),
  )
}

/** `GET /sns/oauth2/refresh_token`: a living access token gets a longer life, a dead one a successor. No secret is asked. */
export function oauthRefreshToken(world: World, replies: Replies, { path, query }: ApiRequest): Reply {
  const appId = query.get('appid')
  if (!appId) return replies.error(path, 41002)
  if (query.get('grant_type') !== 'refresh_token') return replies.error(path, 40002)
  const refresh = query.get('refresh_token')
  if (!refresh) return replies.error(path, 41003)
  if (!world.apps.has(appId)) return replies.error(path, 40013)
  const token = world.refreshTokens.get(refresh)
  if (token === undefined || token.visit.app.id !== appId) return replies.error(path, 40030)
  const now = world.clock.now()
  if (now >= token.refreshUntil) return replies.error(path, 42002)
  if (now >= token.accessUntil) {
    token.access = world.ids.token('user', ++world.tokensMade)
    world.userTokens.set(token.access, token)
  }
  token.accessUntil = now + accessSeconds * 1000
  return replies.data(path, JSON.stringify(tokenFields(token)))
}

/** `GET /sns/userinfo`: not for silent authorisation, not for the virtual account of a snapshot page. */
export function oauthUserInfo(world: World, replies: Replies, { path, query }: ApiRequest): Reply {
  const token = checkUserToken(world, query)
  if (typeof token === 'number') return replies.error(path, token)
  if (token.scope === 'snsapi_base' || token.snapshot) return replies.error(path, 48001)
  const { openid, visit } = token
  const unknown = { sex: 0, language: '', city: '', province: '', country: '' } // empty for everybody since 2021
  const looks = { headimgurl: 'https://thirdwx.qlogo.cn/mmopen/vi_32/simulator/132', privilege: [] }
  const unionid = unionidOf(world, visit)
  return replies.data(path, JSON.stringify({ openid, nickname: visit.person.name, ...unknown, ...looks, unionid }))
}

/** `GET /sns/auth`: whether an access token is alive and this person's. */
export function oauthCheck(world: World, replies: Replies, { path, query }: ApiRequest): Reply {
  const token = checkUserToken(world, query)
  return replies.error(path, typeof token === 'number' ? token : 0)
}

/** Silent authorisation tells no unionid; a snapshot page tells ids that belong to nobody, new ones each time. */
function idsFor(world: World, { visit, scope, snapshot }: Code, text: string): Pick<UserToken, 'openid' | 'unionid'> {
  const { app } = visit
  const nobody = `\u0001${text}` // no person can have such a name
  const openid = snapshot ? world.ids.openid(app.id, nobody) : visit.openid
  if (scope === 'snsapi_base' || app.openAccount === null) return { openid, unionid: undefined }
  return { openid, unionid: snapshot ? world.ids.unionid(app.openAccount, nobody) : unionidOf(world, visit) }
}

function issueUserToken(world: World, { visit, scope, snapshot }: Code, ids: Pick<UserToken, 'openid' | 'unionid'>) {
  const now = world.clock.now()
  const token: UserToken = {
    visit,
    ...ids,
    scope,
    snapshot,
    access: world.ids.token('user', ++world.tokensMade),
    refresh: world.ids.token('user', ++world.tokensMade),
    accessUntil: now + accessSeconds * 1000,
    refreshUntil: now + refreshSeconds * 1000,
  }
  world.userTokens.set(token.access, token)
  world.refreshTokens.set(token.refresh, token)
  return token
}

const tokenFields = ({ access, refresh, openid, scope }: UserToken) => ({
  access_token: access,
  expires_in: accessSeconds,
  refresh_token: refresh,
  openid,
  scope,
})

function checkUserToken(world: World, query: URLSearchParams): UserToken | number {
  const access = query.get('access_token')
  if (!access) return 41001
  const openid = query.get('openid')
  if (!openid) return 41009
  const token = world.userTokens.get(access)
  if (token === undefined) return 40001
  if (token.access !== access || world.clock.now() >= token.accessUntil) return 42001
  return token.openid === openid ? token : 40003
}
