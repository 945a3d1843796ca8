import { checkAccessToken } from './access-token.ts'
import { signMessage } from './open-data.ts'
import type { ApiRequest, Replies, Reply } from './reply.ts'
import { liveSessionKey } from './session-keys.ts'
import type { World } from './world.ts'

/** `GET /wxa/checksession`: whether the signature was made, over nothing, with this person's living session_key. */
export function checkSessionKey(world: World, replies: Replies, { path, query }: ApiRequest): Reply {
  const app = checkAccessToken(world, query)
  if (typeof app === 'number') return replies.error(path, app)
  const visit = app.openids.get(query.get('openid') ?? '')
  if (visit === undefined) return replies.error(path, 40003)
  if (query.get('sig_method') !== 'hmac_sha256') return replies.error(path, 87008)
  const sessionKey = liveSessionKey(world, visit)
  const isRight = sessionKey !== undefined && query.get('signature') === signMessage(sessionKey, '')
  return replies.error(path, isRight ? 0 : 87009)
}
