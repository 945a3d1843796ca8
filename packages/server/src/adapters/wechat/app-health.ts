import type { WeChatError, WeChatErrorCode } from '@hufu/wechat'
import type { CodeApp } from '../../domain/app.ts'
import { ProblemError } from '../../domain/problem-error.ts'
import type { Log } from '../../ports/log.ts'
import { appPause } from './app-pause.ts'
import { callQuota } from './call-quota.ts'
import { circuitBreaker } from './circuit-breaker.ts'
import { handlingOf } from './failure-handling.ts'
import { refusalAlarm } from './refusal-alarm.ts'
import { type Semaphore, semaphore } from './semaphore.ts'

const CALLS_UNDER_WAY = 256
/** WeChat looks at the person or the code only after it has accepted the app. */
const PROVES_APP: ReadonlySet<WeChatErrorCode> = new Set(['code_invalid', 'code_used', 'rate_limited', 'risk_refused'])

/** What is remembered of one app at WeChat, and the one place that decides when it is left alone for a while. */
export interface AppHealth {
  /** As many calls of one app as may be under way at once. */
  readonly slots: Semaphore
  /**
   * Lets a login through, or refuses it before WeChat is asked.
   *
   * @param now in milliseconds, as in the other members
   * @throws {ProblemError} `server_misconfigured` while the app is paused, `upstream_unavailable` while it fails,
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
  const pause = appPause()
  const alarm = refusalAlarm(appId, log)
  const accepted = (): void => {
    if (pause.accepted()) log.info('wechat_app_resumed', { app: appId })
  }

  return {
    slots: semaphore(CALLS_UNDER_WAY),
    admit(now) {
      if (!pause.admits(now)) throw appRefused()
      if (!breaker.admits(now)) throw weChatDown()
      if (!quota.admits(now)) throw quotaUsedUp()
    },
    succeeded(now) {
      breaker.record(true, now)
      quota.succeeded()
      accepted()
    },
    failed(error, clientAddress, now) {
      const { sick, code, refusesApp } = handlingOf(error)
      breaker.record(!sick, now)
      if (error.code === 'rate_limited') quota.refused(clientAddress)
      if (PROVES_APP.has(error.code)) accepted()
      if (code === 'server_misconfigured') alarm.raise(error, now)
      if (refusesApp && pause.refused(now)) log.warn('wechat_app_paused', { app: appId, errcode: error.errcode ?? 0 })
    },
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
