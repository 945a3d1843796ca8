import type { CallLog } from './calls.ts'
import { deliver, type FaultSettings, type Send } from './deliver.ts'
import type { FaultRules } from './fault-rules.ts'
import { faultRow } from './faults.ts'
import type { Asked, Replies, Reply } from './reply.ts'
import { answer } from './wechat-api.ts'
import type { World } from './world.ts'

/** What is said to a request, and how it is said. */
export type Taken = { reply: Reply; send: Send; settings: FaultSettings }

/** WeChat on a good day or, where a fault strikes, on a bad one. */
export type WeChat = (asked: Asked) => Taken

type Parts = { world: World; replies: Replies; rules: FaultRules; log: CallLog }

const silent = new Set<Send>([deliver.reset, deliver.close, deliver.never])
const nothing: Reply = { status: 0, contentType: undefined, body: '', errcode: undefined }

export function createWeChat({ world, replies, rules, log }: Parts): WeChat {
  return (asked) => {
    const rule = rules.strike(asked, () => appIdIn(world, asked))
    if (rule === undefined) {
      const reply = answer(world, replies, asked)
      log.add(asked, reply, null)
      return { reply, send: deliver.well, settings: {} }
    }
    const { redeems, edit, send = deliver.well } = faultRow(rule.fault)
    const honest = redeems || rule.redeem === true ? answer(world, replies, asked) : nothing
    const reply = edit === undefined ? honest : edit(honest, rule, { path: asked.path, replies })
    const isSilent = silent.has(send)
    log.add(asked, isSilent ? undefined : reply, rule.fault)
    return { reply: isSilent ? nothing : reply, send, settings: rule }
  }
}

/** The app that a request speaks for: it may name it in the query or in a JSON body, or hold a token of it. */
function appIdIn(world: World, { query, body }: Asked): string | undefined {
  const token = query.get('access_token') ?? ''
  return (
    query.get('appid') ??
    (world.appTokens.get(token) ?? world.userTokens.get(token)?.visit)?.app.id ??
    /"appid":\s*"([\w-]+)"/.exec(body)?.[1]
  )
}
