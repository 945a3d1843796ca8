import { findCode } from './codes.ts'
import { checkCredentials } from './credentials.ts'
import { unionidOf } from './people.ts'
import type { ApiRequest, Replies, Reply } from './reply.ts'
import type { Visit, World } from './world.ts'

/**
 * `GET /sns/jscode2session`. The order of the checks is not documented by WeChat; replies seen on the wire prove each
 * single answer. A call that fails does not spend the code.
 */
export function codeToSession(world: World, replies: Replies, { path, query }: ApiRequest): Reply {
  const app = checkCredentials(world, query, 'js_code')
  if (typeof app === 'number') return replies.error(path, app)
  const code = findCode(world, app, 'login', query.get('js_code') ?? '')
  if (code === undefined) return replies.error(path, 40029)
  const { visit } = code
  if (isTooFast(world, visit)) return replies.error(path, 45011)
  if (code.used) return replies.error(path, 40163)
  if (visit.person.risk === 'blocked') return replies.error(path, 40226)
  code.used = true
  const unionid = unionidOf(world, visit)
  const ids = `"session_key":"${visit.sessionKey}","openid":"${visit.openid}"` // base64 and base64url: nothing to escape
  return replies.data(path, unionid === undefined ? `{${ids}}` : `{${ids},"unionid":"${unionid}"}`)
}

/** The minute quota is one WeChat user's in one mini program, so a code that names nobody counts for nobody. */
function isTooFast({ clock, settings }: World, visit: Visit): boolean {
  const minute = Math.floor(clock.now() / 60_000)
  visit.callsInMinute = visit.minute === minute ? visit.callsInMinute + 1 : 1
  visit.minute = minute
  return settings.callsPerMinute > 0 && visit.callsInMinute > settings.callsPerMinute
}
