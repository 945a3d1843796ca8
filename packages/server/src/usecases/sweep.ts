import type { OutboxEvent } from '../domain/events.ts'
import type { Lifetimes } from '../domain/session.ts'
import { MINUTE } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Events } from '../ports/events.ts'
import type { Upkeep } from '../ports/upkeep.ts'

const SLICE = 500

/** Removes what is past its time, slice by slice, until a slice comes back less than full. */
export async function sweep(
  { upkeep, clock, lifetimes }: { upkeep: Upkeep; clock: Clock; lifetimes: Lifetimes },
  { slices }: { slices: number },
): Promise<number> {
  let total = 0
  for (let slice = 0; slice < slices; slice++) {
    const swept = await upkeep.sweep({ now: clock.now(), lifetimes, limit: SLICE })
    total += swept.sessions + swept.codes + swept.sessionKeys + swept.events
  }
  return total
}

/** Hears one event. What it throws, or a promise that rejects, brings the same event again. */
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
