import { ProblemError } from '../domain/problem-error.ts'
import { SECOND } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Upkeep } from '../ports/upkeep.ts'

/** Whether the database can write, as far as this process knows. */
export interface WriteHealth {
  /**
   * Resolves if a write went through within the last second, or one does now.
   *
   * @throws {ProblemError} `unavailable`
   */
  prove(): Promise<void>
  /** Hears how a write ends, and hands its end on. */
  watch<T>(write: Promise<T>): Promise<T>
}

/** Milliseconds: for so long a proof counts, and as long a failure is believed before another try. */
const PROOF_LIFE = SECOND
/** After a failure a try must be no smaller than a login, in characters: on a full disk a small one may still fit. */
const LIKE_A_LOGIN = 32 * 1024

/**
 * A code of WeChat's works once, so it is redeemed only where its login can be written down afterwards. Under load the
 * logins themselves are the proof; otherwise one small write a second, and none while nobody asks.
 */
export function writeHealth({ upkeep, clock }: { upkeep: Pick<Upkeep, 'ping'>; clock: Clock }): WriteHealth {
  let failure: ProblemError | undefined
  let provedAt: number | undefined
  let triedAt: number | undefined
  let tries = 0
  let trying: Promise<void> | undefined

  const isFresh = (at: number | undefined): boolean => at !== undefined && Math.abs(clock.now() - at) < PROOF_LIFE
  const proved = (): void => {
    failure = undefined
    provedAt = clock.now()
  }

  return {
    async prove() {
      if (failure === undefined && isFresh(provedAt)) return
      if (trying) return trying
      if (failure !== undefined && isFresh(triedAt)) throw failure
      trying = tryToWrite().finally(() => {
        trying = undefined
      })
      return trying
    },
    async watch(write) {
      try {
        const done = await write
        proved()
        return done
      } catch (error) {
        if (error instanceof ProblemError && error.code === 'unavailable') failure = cannotWrite(error)
        throw error
      }
    },
  }

  async function tryToWrite(): Promise<void> {
    triedAt = clock.now()
    tries += 1
    try {
      await upkeep.ping(`${tries} ${failure === undefined ? '' : '.'.repeat(LIKE_A_LOGIN)}`)
      proved()
    } catch (error) {
      failure = cannotWrite(error as Error)
      throw failure
    }
  }
}

const cannotWrite = (cause: Error): ProblemError =>
  new ProblemError('unavailable', 'The database cannot write. Try again in a moment; a login code stays good.', {
    cause,
    retryAfter: 1,
  })
