import { fail, merge } from './errors.ts'
import type { Header, Route } from './route.ts'
import type { Session } from './session-storage.ts'
import type { Sessions } from './sessions.ts'
import type { Reply, RequestOptions, SharedOptions } from './types.ts'

/** A configured back end. Only these see the token. */
export interface Backend {
  /** Its address, or '' when it has none (Cloud Run). */
  base: string
  route: Route
}

export interface Backends {
  api: Backend
  server: Backend
}

type Send = (session: Session) => Promise<Reply>

/** Requests with the token of whoever is signed in, sent again once, with a newer token, after a 401. */
export function createRequest(sessions: Sessions, backends: Backends, headers: SharedOptions['headers']) {
  return (options: RequestOptions): Promise<Reply> =>
    // Inside an executor, so that what throws here rejects, and `obtain` still runs in this turn.
    new Promise((resolve) => {
      const send = sender(options, backends, headers)
      const again = (session: Session, reply: Reply) => (next: Session) =>
        next.accessToken !== session.accessToken && isSamePerson(session, next) ? send(next) : reply
      resolve(
        sessions
          .obtain()
          .then((session) =>
            send(session).then((reply) =>
              reply.statusCode === 401 ? sessions.obtain(session.accessToken).then(again(session, reply)) : reply,
            ),
          ),
      )
    })
}

function sender(options: RequestOptions, backends: Backends, headers: SharedOptions['headers']): Send {
  const [{ route }, path] = locate(options, backends)
  return (session) => {
    const own = typeof headers === 'function' ? headers(options) : headers
    const header: Header = merge(merge({}, own), options.header)
    for (const name in header) if (/^authorization$/i.test(name)) delete header[name]
    header.Authorization = `Bearer ${session.accessToken}`
    return route(path, options, header)
  }
}

/** Which back end, and the path there. Whatever a relative URL holds, it comes after an origin of ours and a slash. */
function locate({ url, to }: RequestOptions, { api, server }: Backends): [Backend, string] {
  for (const backend of [api, server]) {
    if (backend.base && url.indexOf(`${backend.base}/`) === 0) return [backend, url.slice(backend.base.length)]
  }
  if (/^[a-z][\w+.-]*:/i.test(url)) throw fail('foreign_url', {})
  return [to === 'server' ? server : api, url.charAt(0) === '/' ? url : `/${url}`]
}

/** A request made for one person is not sent again for another who has signed in since. */
const isSamePerson = (before: Session, now: Session) =>
  before.user.id === now.user.id || now.user.formerIds.indexOf(before.user.id) >= 0
