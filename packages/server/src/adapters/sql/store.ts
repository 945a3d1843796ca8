import type { Store } from '../../ports/store.ts'
import type { Upkeep } from '../../ports/upkeep.ts'
import { guardStore } from './guard-store.ts'
import type { Transaction, TransactionPorts } from './transaction.ts'
import { transactions } from './transactions/index.ts'

/** Which transaction, in words that can be sent to another thread. */
export interface TransactionName {
  port: keyof TransactionPorts
  method: string
}

/** A transaction with its name. What goes in and comes out was checked where the port's types are known. */
export interface NamedTransaction extends TransactionName {
  transaction: Transaction<unknown>
}

/** What a database must be able to do for transactions, and for the store itself. */
export interface SqlDriver {
  write(named: NamedTransaction, input: unknown): Promise<unknown>
  read(named: NamedTransaction, input: unknown): Promise<unknown>
  search(named: NamedTransaction, input: unknown): Promise<unknown>
  /** Methods that this database does in a better way than by the transaction, with the same promise. */
  overrides?: { [Port in keyof TransactionPorts]?: Partial<TransactionPorts[Port]> }
  backup: Upkeep['backup']
  close(): Promise<void>
}

/** Every transaction there is. */
export const namedTransactions: readonly NamedTransaction[] = Object.entries(transactions).flatMap(([port, methods]) =>
  Object.entries(methods).map(([method, transaction]) => ({
    port: port as keyof TransactionPorts,
    method,
    transaction: transaction as Transaction<unknown>,
  })),
)

/** @throws {TypeError} when there is none */
export function transactionAt({ port, method }: TransactionName): Transaction<unknown> {
  const transaction = (transactions[port] as Record<string, Transaction<unknown> | undefined>)[method]
  if (!transaction) throw new TypeError(`there is no transaction ${port}.${method}`)
  return transaction
}

type AnyMethod = (input: unknown) => Promise<unknown>

/** The store over any driver: each transaction is the method that it is named after. */
export function sqlStore(driver: SqlDriver): Store {
  const guard = guardStore()
  const ports: Record<string, Record<string, AnyMethod>> = {}
  for (const one of namedTransactions) {
    const override = (driver.overrides?.[one.port] as Record<string, AnyMethod> | undefined)?.[one.method]
    const work = override ?? ((input: unknown) => driver[one.transaction.access](one, input))
    ports[one.port] ??= {}
    Object.assign(ports[one.port] ?? {}, { [one.method]: (input: unknown) => guard.admit(input, () => work(input)) })
  }
  const stored = ports as unknown as TransactionPorts
  let closing: Promise<void> | undefined
  return {
    ...stored,
    upkeep: {
      ...stored.upkeep,
      backup: (file, options) => guard.admit(file, () => driver.backup(file, options)),
      close: () => {
        closing ??= guard.close().then(() => driver.close())
        return closing
      },
    },
  }
}
