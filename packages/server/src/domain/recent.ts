/**
 * A map that keeps what was set last: at least half of `most` entries, never more than `most`.
 *
 * It forgets by halves, which costs nothing. A single map that loses its oldest entry at every turn gets slower with
 * each: to find the next oldest it walks over the places of all those it lost.
 */
export class Recent<Value> {
  readonly #half: number
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()

  constructor(most: number) {
    this.#half = most / 2
  }

  get(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) this.age()
    this.#young.set(key, value)
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  /** Forgets what was not set since the last time. */
  age(): void {
    this.#old = this.#young
    this.#young = new Map()
  }
}
