import { type Call, WeChatError } from '@hufu/wechat'
import type { LoginCode } from '@hufu/wechat/words'
import type { CodeApp } from '../../domain/app.ts'
import { ProblemError } from '../../domain/problem-error.ts'
import { SECOND } from '../../domain/time.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { WeChat, WeChatPerson } from '../../ports/wechat.ts'
import { type AppHealth, healthOfApps } from './app-health.ts'
import { EXCHANGES } from './exchanges.ts'
import { handlingOf, toProblem } from './failure-handling.ts'
import { withDeadline } from './with-deadline.ts'

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

interface Login {
  app: CodeApp
  code: LoginCode
  clientAddress: string | undefined
  health: AppHealth
  began: number
}

const WHOLE = 5 * SECOND
const TRIES = 3

/** WeChat behind the port: a code is redeemed as its app's kind asks, and tried again where it cannot have been used. */
export function wechatApi(deps: WeChatApiDeps): WeChat {
  const { call, clock, log, pause = sleep, random = Math.random, whole = WHOLE } = deps
  const healthOf = healthOfApps(log)

  return {
    async identify(app, code, clientAddress) {
      const health = healthOf(app)
      const began = clock.now()
      health.admit(began)
      const slot = health.slots.acquire(whole - SECOND) // whoever came later could only spend a code in vain
      if (slot !== true && !(await slot)) throw waitedTooLong()
      try {
        return await redeem({ app, code, clientAddress, health, began })
      } finally {
        health.slots.release()
      }
    },
  }

  async function redeem({ app, code, clientAddress, health, began }: Login): Promise<WeChatPerson> {
    for (let tried = 1; ; tried++) {
      try {
        const left = whole - (clock.now() - began)
        const asked = EXCHANGES[app.kind](app, code, call)
        const person = await (left < WHOLE ? withDeadline(left, asked) : asked) // a whole time is the transport's own deadline
        health.succeeded(clock.now())
        return person
      } catch (error) {
        if (!(error instanceof WeChatError)) throw error
        health.failed(error, clientAddress, clock.now())
        const handling = handlingOf(error)
        // Some of these are answered as a spent code, which is no failure of ours and says nothing here.
        if (handling.sick) log.warn('wechat_fails', { app: app.id, code: error.code, errcode: error.errcode ?? 0 })
        const delay = 100 + random() * 300
        const isEarly = clock.now() - began + delay + SECOND < whole
        if (!handling.retry || tried === TRIES || !isEarly) throw toProblem(error)
        await pause(delay)
      }
    }
  }
}

const waitedTooLong = (): ProblemError =>
  new ProblemError('upstream_busy', 'Too many logins of this app are waiting for WeChat. Try again.', { retryAfter: 1 })

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
