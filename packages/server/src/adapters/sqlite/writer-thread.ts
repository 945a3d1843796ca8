import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { type TransactionName, transactionAt } from '../sql/store.ts'
import { openWriter, type Synchronous } from './database.ts'
import { transactionRunner } from './run-transaction.ts'
import { isTrouble } from './trouble.ts'

/** What the main thread asks: transactions to run together, in one of the database's. */
export interface Batch {
  jobs: (TransactionName & { input: unknown })[]
}
/** `isTrouble`: it was the machine, not the job. */
export type JobResult = { value: unknown } | { error: Error; isTrouble: boolean }

type Job = Batch['jobs'][number]

/** The one writer: every batch is one transaction and one sync, every job in it stands or falls alone. */
function startWriter({ file, synchronous }: { file: string; synchronous: Synchronous }): void {
  const db = openWriter(file, synchronous)
  const runStatements = transactionRunner(db)
  const run = (job: Job): unknown => runStatements(transactionAt(job).begin(job.input))
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

function runBatch(db: DatabaseSync, run: (job: Job) => unknown, { jobs }: Batch): JobResult[] {
  try {
    db.exec('BEGIN IMMEDIATE')
    const results = allOrNone(run, jobs) ?? eachAlone(db, run, jobs)
    db.exec('COMMIT')
    return results
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    return jobs.map(() => failed(error))
  }
}

const failed = (error: unknown): JobResult => ({ error: error as Error, isTrouble: isTrouble(error) })

/** Nearly always no job fails, so that no savepoints are needed. */
function allOrNone(run: (job: Job) => unknown, jobs: Job[]): JobResult[] | undefined {
  try {
    return jobs.map((job) => ({ value: run(job) }))
  } catch {
    return undefined
  }
}

/** Starts over: a transaction may be run again from its start. */
function eachAlone(db: DatabaseSync, run: (job: Job) => unknown, jobs: Job[]): JobResult[] {
  if (db.isTransaction) db.exec('ROLLBACK') // a full disk has ended it already
  db.exec('BEGIN IMMEDIATE')
  return jobs.map((job) => {
    db.exec('SAVEPOINT job')
    try {
      const value = run(job)
      db.exec('RELEASE job')
      return { value }
    } catch (error) {
      if (!db.isTransaction) throw error // the others in it went the same way
      db.exec('ROLLBACK TO job; RELEASE job')
      return failed(error)
    }
  })
}

startWriter(workerData)
