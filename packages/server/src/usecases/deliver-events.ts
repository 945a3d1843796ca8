import type { OutboxEvent } from '../domain/events.ts'
import { MINUTE } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Events } from '../ports/events.ts'

/** Hears what the product is told. A promise that rejects means: tell it again later. */
export type OnEvent = (event: OutboxEvent) => void | Promise<void>

/**
 * Hands outbox rows to the product, in order, each at least once. A row whose listener failed, and all after it, come
 * again later. Returns how many were delivered.
 */
export async function deliverEvents(
  { events, clock }: { events: Events; clock: Clock },
  onEvent: OnEvent,
): Promise<{ delivered: number; failure: Error | undefined }> {
  const claimed = await events.claim({ now: clock.now(), lapse: MINUTE, limit: 100 })
  const seqs: number[] = []
  let failure: Error | undefined
  for (const event of claimed) {
    try {
      await onEvent(event)
      seqs.push(event.seq)
    } catch (error) {
      failure = error instanceof Error ? error : new TypeError('onEvent threw something other than an error')
      break
    }
  }
  if (seqs.length > 0) await events.delivered({ now: clock.now(), seqs })
  return { delivered: seqs.length, failure }
}
