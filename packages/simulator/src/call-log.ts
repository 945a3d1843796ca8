import type { ApiRequest, Reply } from './reply.ts'
import type { World } from './world.ts'

/** One request that the simulated WeChat got. Secrets and tokens are replaced by placeholders. */
export type Call = {
  /** Counts all calls since the start; gaps do not exist. */
  n: number
  /** Simulated Unix time in milliseconds. */
  at: number
  /** The HTTP method. */
  method: string
  /** Without the query. */
  path: string
  /** Name and value pairs in the order they came, doubles included. */
  query: [string, string][]
  /** As it was sent; empty for a GET. */
  body: string
  /** The status and errcode that were answered; `null` where there was no answer or no errcode. */
  status: number | null
  /** What the answer said went wrong; `null` where it said nothing of it. */
  errcode: number | null
  /** The fault that struck, if one did. */
  fault: string | null
}

type Entry = { request: ApiRequest; at: number; reply: Reply | undefined; fault: string | null }

export type CallLog = {
  add(request: ApiRequest, reply: Reply | undefined, fault: string | null): void
  /** The newest calls, oldest first; at most the capacity. */
  list(): Call[]
  count(): number
}

/** A ring: it keeps what came and spells it out only when somebody asks. */
export function createCallLog(world: World, capacity: number): CallLog {
  const ring: Entry[] = []
  let count = 0
  return {
    add(request, reply, fault) {
      ring[count++ % capacity] = { request, at: world.clock.now(), reply, fault }
    },
    count: () => count,
    list() {
      // One of a letter or two would be found in every word, and guards nothing.
      const secrets = [...world.apps.values()].map(({ secret }) => secret).filter(({ length }) => length >= 8)
      const first = Math.max(0, count - capacity)
      const oldestFirst = [...ring.slice(first % capacity), ...ring.slice(0, first % capacity)]
      return oldestFirst.map((entry, i) => spellOut(entry, first + i + 1, secrets))
    },
  }
}

const hidden = new Set(['secret', 'access_token', 'refresh_token', 'component_access_token'])

function spellOut({ request, at, reply, fault }: Entry, n: number, secrets: string[]): Call {
  // A secret is hidden wherever it stands: a careless client may put it under another name.
  const hide = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text)
  const query = [...request.query].map(([name, value]): [string, string] => [
    hide(name),
    hidden.has(name) && value !== '' ? `[${name}]` : hide(value),
  ])
  const body = hide(request.body.replace(/"secret"\s*:\s*"[^"]*"/g, '"secret":"[secret]"'))
  const answered = { status: reply?.status ?? null, errcode: reply?.errcode ?? null }
  return { n, at, method: request.method, path: hide(request.path), query, body, ...answered, fault }
}
