/** At most `size` at once; the rest wait in line, up to a time. */
export interface Slots {
  /** Resolves to whether a place became free in time. */
  take(patience: number): Promise<boolean> | true
  give(): void
}

export function slots(size: number): Slots {
  let taken = 0
  const line = new Set<() => void>()
  return {
    take(patience) {
      if (taken < size) {
        taken++
        return true
      }
      return new Promise((resolve) => {
        const called = (): void => {
          clearTimeout(timer)
          line.delete(called)
          resolve(true)
        }
        const timer = setTimeout(() => {
          line.delete(called)
          resolve(false)
        }, patience)
        line.add(called)
      })
    },
    give() {
      const [next] = line
      if (next)
        next() // the place changes hands
      else taken--
    },
  }
}
