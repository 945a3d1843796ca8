import { openPostgresStore } from '../../src/adapters/postgres/store.ts'
import type { LoginFacts, LoginOutcome, LoginRefusal } from '../../src/ports/logins.ts'

/*
 * One of several server processes that share a database, as far as logins at the same time need one. Forked with the
 * database's address; sent logins, it commits them all at once and answers with what became of each.
 */

export type Raced = { outcome: LoginOutcome | LoginRefusal } | { error: string }

const store = await openPostgresStore(process.argv[2] ?? '')

process.on('message', async (logins: LoginFacts[]) => {
  const raced = logins.map(
    (facts): Promise<Raced> =>
      store.logins.commit(facts).then(
        (outcome) => ({ outcome }),
        (error: unknown) => ({ error: String(error) }),
      ),
  )
  process.send?.(await Promise.all(raced))
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
