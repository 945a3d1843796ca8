import type { AppId } from '@hufu/wechat/words'
import type { Act } from '../domain/act.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Events } from '../ports/events.ts'

/** Writes down that a login was refused, and why, unless the reason is a fault of ours. */
export async function recordRefusal(
  { events }: { events: Events },
  { act, appId, error }: { act: Act; appId: AppId; error: unknown },
): Promise<void> {
  if (!(error instanceof ProblemError)) return
  await events.record({
    act,
    entry: { kind: 'login_refused', outcome: 'refused', appId, detail: { code: error.code } },
  })
}
