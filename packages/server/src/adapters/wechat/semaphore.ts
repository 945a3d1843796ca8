/** So many slots; who finds none free waits for one, in the order of asking, up to a time. */
export interface Semaphore {
  /**
   * Takes a slot, to be released afterwards. `true` at once where one is free.
   *
   * @param patience how long to wait for one, in milliseconds
   * @returns whether there was one in time
   */
  acquire(patience: number): Promise<boolean> | true
  release(): void
}

export function semaphore(slots: number): Semaphore {
  let taken = 0
  const waiting = new Set<() => void>()
  return {
    acquire(patience) {
      if (taken < slots) {
        taken++
        return true
      }
      return new Promise((resolve) => {
        const handOver = (): void => {
          clearTimeout(timer)
          waiting.delete(handOver)
          resolve(true)
        }
        const timer = setTimeout(() => {
          waiting.delete(handOver)
          resolve(false)
        }, patience)
        waiting.add(handOver)
      })
    },
    release() {
      const [handOver] = waiting
      if (handOver)
        handOver() // the slot changes hands
      else taken--
    },
  }
}
