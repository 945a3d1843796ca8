import type { Clock } from './clock.ts'

/** Something that carries one request at a time: calls back when the answer is there. */
export type Carrier = (answered: () => void) => void

/**
 * Every carrier sends its next request as soon as the last is answered: what a server can do at most.
 *
 * @returns the requests answered, and the milliseconds until the last of them was
 */
export async function runClosedLoop(
  carriers: Carrier[],
  { milliseconds, clock }: { milliseconds: number; clock: Clock },
): Promise<{ answered: number; took: number }> {
  const began = clock.now()
  let answered = 0
  const untilOver = (carry: Carrier): Promise<void> =>
    new Promise((resolve) => {
      const onAnswer = (): void => {
        answered++
        next()
      }
      const next = (): void => {
        if (clock.now() - began >= milliseconds) resolve()
        else carry(onAnswer)
      }
      next()
    })
  await Promise.all(carriers.map(untilOver))
  return { answered, took: clock.now() - began }
}
