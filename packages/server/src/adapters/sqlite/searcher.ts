import { Worker } from 'node:worker_threads'
import type { TransactionName } from '../sql/store.ts'
import { unavailable } from '../sql/unavailable.ts'
import type { Search } from './searcher-thread.ts'
import { SMALL_HEAP, threadFile } from './thread.ts'
import type { JobResult } from './writer-thread.ts'

export interface Searcher {
  run(address: TransactionName, input: unknown): Promise<unknown>
  close(): Promise<void>
}

type Job = Search & { resolve: (value: unknown) => void; reject: (error: Error) => void }

/** A thread costs a few megabytes, and operators are rarely there: after so many milliseconds without a search it ends. */
const IDLE_LIFE = 60_000

/**
 * The main thread's end of what operators look for. It runs on a thread and a connection of its own, so that neither a
 * token check nor a login waits for it; there is none while nobody searches.
 */
export function openSearcher(file: string, idleLife = IDLE_LIFE): Searcher {
  let worker: Worker | undefined
  let waiting: Job[] = []
  let ending: Promise<unknown> = Promise.resolve()
  let idle: NodeJS.Timeout | undefined
  let isClosed = false

  const end = (): void => {
    const gone = worker
    if (!gone) return
    worker = undefined
    ending = new Promise((resolve) => gone.once('exit', resolve))
    gone.postMessage('close')
  }
  const fail = (of: Worker, error: Error): void => {
    if (worker !== of) return
    worker = undefined
    for (const job of waiting.splice(0)) job.reject(error)
  }
  const start = (): Worker => {
    const started = new Worker(threadFile('searcher-thread'), { workerData: file, resourceLimits: SMALL_HEAP })
    started.unref()
    started.on('message', (result: JobResult) => {
      const job = waiting.shift()
      if (waiting.length === 0) rest()
      if ('value' in result) job?.resolve(result.value)
      else job?.reject(result.isTrouble ? unavailable(undefined, result.error) : result.error)
    })
    started.on('error', (error) => fail(started, unavailable(undefined, error as Error)))
    started.on('exit', () => fail(started, unavailable()))
    return started
  }
  const rest = (): void => {
    worker?.unref()
    idle = setTimeout(end, idleLife).unref()
  }

  return {
    run: ({ port, method }, input) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(unavailable('The database is closed.'))
        clearTimeout(idle)
        worker ??= start()
        worker.ref()
        waiting.push({ port, method, input, resolve, reject })
        worker.postMessage({ port, method, input } satisfies Search)
      }),
    async close() {
      isClosed = true
      clearTimeout(idle)
      end()
      await ending
      waiting = []
    },
  }
}
