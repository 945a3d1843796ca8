import { type Call, codeToSession, errcodes, oauthIdentity, WeChatError, type WeChatErrorCode } from '@hufu/wechat'
import type { LoginCode } from '@hufu/wechat/words'
import type { CodeApp } from '../../domain/app.ts'
import { ProblemError } from '../../domain/problem-error.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { WeChat, WeChatPerson } from '../../ports/wechat.ts'
import { type Breaker, breaker } from './breaker.ts'
import { handlingOf, toProblem } from './failures.ts'
import { type Quota, quota } from './quota.ts'
import { type Slots, slots } from './slots.ts'

export interface WeChatApiDeps {
  call: Call
  clock: Clock
  log: Log
  /** Waits between tries, in milliseconds. */
  pause?: (ms: number) => Promise<void>
  random?: () => number
  /** The longest that a login may take here, waiting and every try included, in milliseconds. */
  whole?: number
}

const WHOLE = 5 * SECOND
const TRIES = 3
const IN_FLIGHT_PER_APP = 256
/** WeChat looks at the person or the code only after it has accepted the app. */
const PROVES_APP: ReadonlySet<WeChatErrorCode> = new Set(['code_invalid', 'code_used', 'rate_limited', 'user_blocked'])

/** What is remembered of one app at WeChat, until its AppSecret changes. */
interface AppHealth {
  secret: CodeApp['secret']
  breaker: Breaker
  quota: Quota
  slots: Slots
  /** After WeChat refused the app itself, one try a minute looks whether the operator has put it right. */
  refusedAt: number | undefined
}

/** WeChat behind the port: which call an app's kind needs, what is tried again, and when to stop asking for a while. */
export function wechatApi(deps: WeChatApiDeps): WeChat {
  const { call, clock, log, pause = sleep, random = Math.random, whole = WHOLE } = deps
  const health = new Map<string, AppHealth>()
  const healthOf = (app: CodeApp): AppHealth => {
    const known = health.get(app.id)
    if (known && known.secret.reveal() === app.secret.reveal()) return known
    const fresh = newHealth(app)
    health.set(app.id, fresh)
    return fresh
  }

  return {
    async identify(app, code, from) {
      const state = healthOf(app)
      const began = clock.now()
      refuseWhileDown(state, began)
      const place = state.slots.take(whole - SECOND) // whoever came later could only spend a code in vain
      if (place !== true && !(await place)) throw waitedTooLong()
      try {
        return await tryToIdentify(app, code, state, from, began)
      } finally {
        state.slots.give()
      }
    },
  }

  async function tryToIdentify(
    app: CodeApp,
    code: LoginCode,
    state: AppHealth,
    from: string | undefined,
    began: number,
  ) {
    for (let tried = 1; ; tried++) {
      try {
        const person = await inTime(exchange(app, code, call), whole - (clock.now() - began))
        state.breaker.record(true, clock.now())
        state.quota.succeeded()
        state.refusedAt = undefined
        return person
      } catch (error) {
        if (!(error instanceof WeChatError)) throw error
        learn(app, state, error, from)
        const delay = 100 + random() * 300
        const isEarly = clock.now() - began + delay + SECOND < whole
        if (!handlingOf(error).retry || tried === TRIES || !isEarly) throw toProblem(error)
        await pause(delay)
      }
    }
  }

  function learn(app: CodeApp, state: AppHealth, error: WeChatError, from: string | undefined): void {
    const now = clock.now()
    state.breaker.record(!handlingOf(error).sick, now)
    if (error.code === 'rate_limited') state.quota.refused(from)
    if (handlingOf(error).code !== 'server_misconfigured') {
      if (PROVES_APP.has(error.code)) state.refusedAt = undefined
      return
    }
    state.refusedAt = now
    log.error('wechat_refuses_app', error, {
      app: app.id,
      errcode: error.errcode ?? 0,
      rid: error.rid ?? '',
      ...(error.seenAddress ? { seenAddress: error.seenAddress } : {}),
      advice:
        errcodes.get(error.errcode ?? 0)?.advice.en ?? 'Check the AppID and AppSecret of this app at mp.weixin.qq.com.',
    })
  }
}

function refuseWhileDown(state: AppHealth, now: number): void {
  if (state.refusedAt !== undefined) {
    if (Math.abs(now - state.refusedAt) < MINUTE) {
      throw new ProblemError(
        'server_misconfigured',
        'WeChat refuses this app; the operator of this server must look at its log.',
      )
    }
    state.refusedAt = now // whoever comes first looks; the others wait for what it finds
  }
  if (!state.breaker.admits(now)) {
    throw new ProblemError('upstream_unavailable', 'WeChat has been failing for a while. Try again soon.', {
      retryAfter: 1,
    })
  }
  if (!state.quota.admits(now)) {
    throw new ProblemError('rate_limited', 'WeChat says that this app has used up its calls. Wait a minute.', {
      retryAfter: 60,
    })
  }
}

const newHealth = (app: CodeApp): AppHealth => ({
  secret: app.secret,
  breaker: breaker(),
  quota: quota(),
  slots: slots(IN_FLIGHT_PER_APP),
  refusedAt: undefined,
})

async function exchange(app: CodeApp, code: LoginCode, call: Call): Promise<WeChatPerson> {
  if (app.kind !== 'miniprogram') {
    const { openid, unionid, snapshotUser } = await oauthIdentity(app, code, call)
    return { openid, unionid, sessionKey: undefined, snapshot: snapshotUser }
  }
  const { openid, unionid, sessionKey } = await codeToSession(app, code, call)
  return { openid, unionid, sessionKey, snapshot: false }
}

/** The transport keeps the whole deadline by itself, but knows nothing of what went before this try. */
async function inTime<T>(asked: Promise<T>, left: number, path = '/sns'): Promise<T> {
  if (left >= WHOLE) return asked
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    const late = () =>
      reject(new WeChatError('outcome_unknown', { path, detail: 'the time for the whole login is over' }))
    timer = setTimeout(late, left)
  })
  try {
    return await Promise.race([asked, tooLate])
  } finally {
    clearTimeout(timer)
  }
}

const waitedTooLong = (): ProblemError =>
  new ProblemError('upstream_busy', 'Too many logins of this app are waiting for WeChat. Try again.', {
    retryAfter: 1,
  })

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
