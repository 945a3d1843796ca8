import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { Steps } from '../sql/script.ts'
import { writes } from '../sql/scripts/index.ts'
import { openWriter, type Synchronous } from './database.ts'
import { scriptRunner } from './run-script.ts'

/** What the main thread asks: scripts to run together, in one transaction. */
export interface Batch {
  jobs: { name: keyof typeof writes; input: unknown }[]
}
export type JobResult = { value: unknown } | { error: Error }

/** The one writer: every batch is one transaction and one sync, every job in it stands or falls alone. */
function startWriter({ file, synchronous }: { file: string; synchronous: Synchronous }): void {
  const db = openWriter(file, synchronous)
  const run = scriptRunner(db)
  parentPort?.on('message', (message: Batch | 'close') => {
    if (message === 'close') {
      db.close()
      parentPort?.close()
      return
    }
    parentPort?.postMessage(runBatch(db, run, message))
  })
  parentPort?.postMessage('ready')
}

function runBatch(db: DatabaseSync, run: <T>(steps: Steps<T>) => T, { jobs }: Batch): JobResult[] {
  try {
    db.exec('BEGIN IMMEDIATE')
    const results = jobs.map((job): JobResult => {
      db.exec('SAVEPOINT job')
      try {
        const script = writes[job.name] as (input: unknown) => Steps<unknown>
        const value = run(script(job.input))
        db.exec('RELEASE job')
        return { value }
      } catch (error) {
        db.exec('ROLLBACK TO job; RELEASE job')
        return { error: error as Error }
      }
    })
    db.exec('COMMIT')
    return results
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    return jobs.map(() => ({ error: error as Error }))
  }
}

startWriter(workerData)
