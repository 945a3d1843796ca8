import type { Store } from '../../ports/store.ts'
import type { Upkeep } from '../../ports/upkeep.ts'
import type { Statements } from './sql.ts'

type Method = (...input: never[]) => Promise<unknown>
type InputOf<Asked> = Asked extends Method ? Parameters<Asked>[0] : never
type OutputOf<Asked> = Asked extends Method ? Awaited<ReturnType<Asked>> : never

/**
 * What a port's method does in a database, written once for every store: a generator that yields statements and is
 * handed their rows. It holds no clock, no randomness and no state of its own, so that running it again from the start is
 * always allowed; what it does is atomic, and its outcome leaves only after the commit is durable.
 */
export interface Transaction<Input = never, Output = unknown> {
  /**
   * `read` only looks, at one moment of the database, and is quick; `search` is the same for operators, who can wait, and
   * nobody waits for it; `write` is one durable transaction.
   */
  readonly access: 'read' | 'search' | 'write'
  begin(input: Input): Statements<Output>
  /**
   * Names that it holds against everybody from before its first statement until it ends. A store with many writers takes
   * them in one order for all; a store with one writer has nothing to do.
   */
  locks(input: Input): readonly string[]
  /** Names under which it waits for its turn inside a process, where waiting costs no connection. */
  turns(input: Input): readonly string[]
}

/** The parts of a store that are transactions and nothing else. */
export type TransactionPorts = Omit<Store, 'upkeep'> & { upkeep: Pick<Upkeep, 'sweep' | 'ping'> }

/** For each method of each port the transaction that keeps its promise. */
export type Transactions<Ports> = {
  [Port in keyof Ports]: {
    [Name in keyof Ports[Port]]: Transaction<InputOf<Ports[Port][Name]>, OutputOf<Ports[Port][Name]>>
  }
}

type Begin<Asked> = (input: InputOf<Asked>) => Statements<OutputOf<Asked>>
type TransactionOf<Asked> = Transaction<InputOf<Asked>, OutputOf<Asked>>
type NamesOf<Asked> = (input: InputOf<Asked>) => readonly string[]

const none = (): readonly string[] => []

const looking =
  (access: 'read' | 'search') =>
  <Asked extends Method>(begin: Begin<Asked>): TransactionOf<Asked> => ({ access, begin, locks: none, turns: none })

/** A method that only looks, at what is found at once: whoever serves everybody may do it in between. */
export const read = looking('read')

/** A method that only looks, for operators: however much it finds, it stands in nobody's way. */
export const search = looking('search')

/** A method that changes something. Without `turns` it waits for its turn under the names that it locks. */
export const write = <Asked extends Method>(
  begin: Begin<Asked>,
  { locks = none, turns = locks }: { locks?: NamesOf<Asked>; turns?: NamesOf<Asked> } = {},
): TransactionOf<Asked> => ({ access: 'write', begin, locks, turns })
