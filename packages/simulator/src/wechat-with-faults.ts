import { answerApi } from './api-routes.ts'
import type { CallLog } from './call-log.ts'
import { deliver, type FaultSettings, type Send } from './deliver.ts'
import type { FaultRules } from './fault-rules.ts'
import { faultRow } from './faults.ts'
import type { ApiRequest, Replies, Reply } from './reply.ts'
import type { World } from './world.ts'

/** What is said to a request, and how it is said. */
export type Answer = { reply: Reply; send: Send; settings: FaultSettings }

/** WeChat on a good day or, where a fault strikes, on a bad one. Every request goes into the log of calls. */
export type WeChatWithFaults = (request: ApiRequest) => Answer

type Parts = { world: World; replies: Replies; rules: FaultRules; log: CallLog }

const silent = new Set<Send>([deliver.reset, deliver.close, deliver.never])
const nothing: Reply = { status: 0, contentType: undefined, body: '', errcode: undefined }

export function createWeChatWithFaults({ world, replies, rules, log }: Parts): WeChatWithFaults {
  return (request) => {
    const rule = rules.strike(request, () => appIdIn(world, request))
    if (rule === undefined) {
      const reply = answerApi(world, replies, request)
      log.add(request, reply, null)
      return { reply, send: deliver.well, settings: {} }
    }
    const { redeems, edit, send = deliver.well } = faultRow(rule.fault)
    const genuine = redeems || rule.redeem === true ? answerApi(world, replies, request) : nothing
    const reply = edit === undefined ? genuine : edit(genuine, rule, { path: request.path, replies })
    const isSilent = silent.has(send)
    log.add(request, isSilent ? undefined : reply, rule.fault)
    return { reply: isSilent ? nothing : reply, send, settings: rule }
  }
}

/** The app that a request speaks for: it may name it in the query or in a JSON body, or hold a token of it. */
function appIdIn(world: World, { query, body }: ApiRequest): string | undefined {
  const token = query.get('access_token') ?? ''
  return (
    query.get('appid') ??
    (world.appTokens.get(token) ?? world.userTokens.get(token)?.visit)?.app.id ??
    /"appid":\s*"([\w-]+)"/.exec(body)?.[1]
  )
}
