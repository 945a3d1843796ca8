import { Worker } from 'node:worker_threads'
import type { TransactionName } from '../sql/store.ts'
import { unavailable } from '../sql/unavailable.ts'
import type { Synchronous } from './database.ts'
import { SMALL_HEAP, threadFile } from './thread.ts'
import type { Batch, JobResult } from './writer-thread.ts'

type Job = Batch['jobs'][number] & { resolve: (value: unknown) => void; reject: (error: Error) => void }

export interface Writer {
  run(name: TransactionName, input: unknown): Promise<unknown>
  close(): Promise<void>
}

/** More than this in one transaction would make the first of them wait for the last. */
const MOST_IN_A_BATCH = 256

/**
 * The main thread's end of the writer. While one batch is being written and synced, what arrives is gathered into the
 * next: concurrent logins share a commit, and a lone login waits for nobody.
 */
export async function startWriter(file: string, synchronous: Synchronous): Promise<Writer> {
  const worker = new Worker(threadFile('writer-thread'), {
    workerData: { file, synchronous },
    resourceLimits: SMALL_HEAP,
  })
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })

  const waiting: Job[] = []
  let running: Job[] = []
  let scheduled = false
  let closed: Error | undefined
  let idle = (): void => undefined

  const next = (): void => {
    scheduled = false
    if (running.length > 0) return
    running = waiting.splice(0, MOST_IN_A_BATCH)
    if (running.length === 0) {
      idle()
      return
    }
    worker.postMessage({ jobs: running.map(({ port, method, input }) => ({ port, method, input })) } satisfies Batch)
  }
  const schedule = (): void => {
    if (scheduled || running.length > 0) return
    scheduled = true
    setImmediate(next) // whatever else this turn of the loop brings shares the commit
  }
  const fail = (error: Error): void => {
    closed ??= error
    for (const job of [...running.splice(0), ...waiting.splice(0)]) job.reject(error)
    idle()
  }

  worker.on('message', (results: JobResult[]) => {
    const done = running
    running = []
    next()
    done.forEach((job, index) => {
      const result = results[index]
      if (result && 'value' in result) job.resolve(result.value)
      else job.reject(result?.isTrouble ? cannotWrite(result.error) : (result?.error ?? lostAnswer()))
    })
  })
  worker.on('error', (error) => fail(cannotWrite(error as Error)))
  worker.on('exit', () => fail(unavailable('The database is closed.')))

  return {
    run: ({ port, method }, input) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(closed)
        waiting.push({ port, method, input, resolve, reject })
        schedule()
      }),
    async close() {
      if (waiting.length > 0 || running.length > 0) await new Promise<void>((resolve) => (idle = resolve))
      const gone = new Promise((resolve) => worker.once('exit', resolve))
      worker.postMessage('close')
      await gone
    },
  }
}

const cannotWrite = (cause: Error): Error => unavailable('The database cannot write. Try again in a moment.', cause)

const lostAnswer = (): Error => new TypeError('the writer lost an answer')
