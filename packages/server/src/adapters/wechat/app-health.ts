import { errcodes, type WeChatError, type WeChatErrorCode } from '@hufu/wechat'
import type { CodeApp } from '../../domain/app.ts'
import { ProblemError } from '../../domain/problem-error.ts'
import { MINUTE } from '../../domain/time.ts'
import type { Log } from '../../ports/log.ts'
import { callQuota } from './call-quota.ts'
import { circuitBreaker } from './circuit-breaker.ts'
import { handlingOf } from './failure-handling.ts'
import { type Semaphore, semaphore } from './semaphore.ts'

const CALLS_UNDER_WAY = 256
/** WeChat looks at the person or the code only after it has accepted the app. */
const PROVES_APP: ReadonlySet<WeChatErrorCode> = new Set(['code_invalid', 'code_used', 'rate_limited', 'user_blocked'])

/** What is remembered of one app at WeChat, and the one place that decides when it is left alone for a while. */
export interface AppHealth {
  /** As many calls of one app as may be under way at once. */
  readonly slots: Semaphore
  /**
   * Lets a login through, or refuses it before WeChat is asked.
   *
   * @param now in milliseconds, as in the other members
   * @throws {ProblemError} `server_misconfigured` while WeChat refuses the app, `upstream_unavailable` while it fails,
   *   `rate_limited` while the app has used up its calls
   */
  admit(now: number): void
  /** WeChat said who the person is. */
  succeeded(now: number): void
  /** @param clientAddress the caller's address block, where known */
  failed(error: WeChatError, clientAddress: string | undefined, now: number): void
}

/** The health of each app, by its AppID and AppSecret: a new AppSecret begins with nothing held against it. */
export function healthOfApps(log: Log): (app: CodeApp) => AppHealth {
  const known = new Map<string, { secret: CodeApp['secret']; health: AppHealth }>()
  return (app) => {
    const found = known.get(app.id)
    if (found && found.secret.reveal() === app.secret.reveal()) return found.health
    const health = newHealth(app.id, log)
    known.set(app.id, { secret: app.secret, health })
    return health
  }
}

function newHealth(appId: CodeApp['id'], log: Log): AppHealth {
  const breaker = circuitBreaker()
  const quota = callQuota()
  /** After WeChat refused the app itself, one try a minute looks whether the operator has put it right. */
  let refusedAt: number | undefined

  return {
    slots: semaphore(CALLS_UNDER_WAY),
    admit(now) {
      if (refusedAt !== undefined) {
        if (Math.abs(now - refusedAt) < MINUTE) throw appRefused()
        refusedAt = now // whoever comes first looks; the others wait for what it finds
      }
      if (!breaker.admits(now)) throw weChatDown()
      if (!quota.admits(now)) throw quotaUsedUp()
    },
    succeeded(now) {
      breaker.record(true, now)
      quota.succeeded()
      refusedAt = undefined
    },
    failed(error, clientAddress, now) {
      const handling = handlingOf(error)
      breaker.record(!handling.sick, now)
      if (error.code === 'rate_limited') quota.refused(clientAddress)
      if (PROVES_APP.has(error.code)) refusedAt = undefined
      if (handling.code !== 'server_misconfigured') return
      refusedAt = now
      logRefusal(error)
    },
  }

  function logRefusal(error: WeChatError): void {
    log.error('wechat_refuses_app', error, {
      app: appId,
      errcode: error.errcode ?? 0,
      rid: error.rid ?? '',
      ...(error.seenAddress ? { seenAddress: error.seenAddress } : {}),
      advice:
        errcodes.get(error.errcode ?? 0)?.advice.en ?? 'Check the AppID and AppSecret of this app at mp.weixin.qq.com.',
    })
  }
}

const appRefused = (): ProblemError =>
  new ProblemError('server_misconfigured', 'WeChat refuses this app; the operator of this server must look at its log.')

const weChatDown = (): ProblemError =>
  new ProblemError('upstream_unavailable', 'WeChat has been failing for a while. Try again soon.', { retryAfter: 1 })

const quotaUsedUp = (): ProblemError =>
  new ProblemError('rate_limited', 'WeChat says that this app has used up its calls. Wait a minute.', {
    retryAfter: 60,
  })
