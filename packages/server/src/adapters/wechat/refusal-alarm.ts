import { errcodes, type WeChatError } from '@hufu/wechat'
import type { AppId } from '@hufu/wechat/words'
import { MINUTE } from '../../domain/time.ts'
import type { Log } from '../../ports/log.ts'

const EVERY = MINUTE
/** What WeChat calls our address is its own text: no number of spellings may fill the memory. */
const MOST_KINDS = 64

export interface RefusalAlarm {
  /** @param now in milliseconds */
  raise(error: WeChatError, now: number): void
}

/**
 * Tells the operator what WeChat has against an app: each errcode, with each address of ours that WeChat saw, at once and
 * then once a minute, with how often it came since the last line.
 */
export function refusalAlarm(appId: AppId, log: Log): RefusalAlarm {
  const raised = new Map<string, { at: number; times: number }>()
  return {
    raise(error, now) {
      const kind = `${error.errcode} ${error.seenAddress}`
      const last = raised.get(kind) ?? { at: now - EVERY, times: 0 }
      last.times++
      if (raised.size >= MOST_KINDS && !raised.has(kind)) raised.clear()
      raised.set(kind, last)
      if (Math.abs(now - last.at) < EVERY) return
      log.error('wechat_refuses_app', error, {
        app: appId,
        errcode: error.errcode ?? 0,
        rid: error.rid ?? '',
        times: last.times,
        ...(error.seenAddress ? { seenAddress: error.seenAddress } : {}),
        advice:
          errcodes.get(error.errcode ?? 0)?.advice.en ??
          'Check the AppID and AppSecret of this app at mp.weixin.qq.com.',
      })
      last.at = now
      last.times = 0
    },
  }
}
