import { parentPort, workerData } from 'node:worker_threads'
import { type TransactionName, transactionAt } from '../sql/store.ts'
import { openReader } from './database.ts'
import { transactionRunner } from './run-transaction.ts'
import { isTrouble } from './trouble.ts'
import type { JobResult } from './writer-thread.ts'

/** What the main thread asks: a transaction that only looks. */
export type Search = TransactionName & { input: unknown }

/** One search after another, each at one moment of the database. */
function startSearching(file: string): void {
  const db = openReader(file)
  const run = transactionRunner(db)
  const find = (search: Search): JobResult => {
    try {
      db.exec('BEGIN')
      return { value: run(transactionAt(search).begin(search.input)) }
    } catch (error) {
      return { error: error as Error, isTrouble: isTrouble(error) }
    } finally {
      if (db.isTransaction) db.exec('COMMIT')
    }
  }
  parentPort?.on('message', (message: Search | 'close') => {
    if (message !== 'close') {
      parentPort?.postMessage(find(message))
      return
    }
    db.close()
    parentPort?.close()
  })
}

startSearching(workerData)
