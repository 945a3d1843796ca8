import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LoadOptions, Peak, Steady, Target } from './load.ts'
import type { Ask, Told } from './process.ts'

type Question = Ask extends infer One ? (One extends Ask ? Omit<One, 'number'> : never) : never

/** The load on one server, as the other side of the channel sees it: `Load`, in another process. */
export interface RemoteLoad {
  peak(options: LoadOptions): Promise<Peak>
  steady(options: LoadOptions & { perSecond: number }): Promise<Steady>
}

/** The process that all load comes from. */
export class LoadProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  #number = 0

  constructor() {
    this.#child = fork(fileURLToPath(new URL('process.ts', import.meta.url)), { serialization: 'advanced' })
    this.#child.on('message', (told: Told) => {
      if ('failed' in told) this.#fail(told.failed)
      else this.#waiting.get(told.number)?.resolve(told.result)
    })
    this.#child.on('exit', () => this.#fail('the process that makes the load ended'))
  }

  /** @param name of the server, once */
  async open(name: string, target: Target): Promise<RemoteLoad> {
    await this.#ask({ name, open: target })
    return {
      peak: (peak) => this.#ask<Peak>({ name, peak }),
      steady: (steady) => this.#ask<Steady>({ name, steady }),
    }
  }

  stop(): void {
    this.#child.removeAllListeners('exit')
    if (this.#child.connected) this.#child.disconnect()
  }

  #ask<Result>(question: Question): Promise<Result> {
    const number = this.#number++
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject })
      this.#child.send({ ...question, number })
    }) as Promise<Result>
  }

  /** Nothing of it is to be relied on any more, and its connections would keep servers from ending. */
  #fail(words: string): void {
    this.#child.kill('SIGKILL')
    for (const { reject } of this.#waiting.values()) reject(new Error(words))
    this.#waiting.clear()
  }
}
