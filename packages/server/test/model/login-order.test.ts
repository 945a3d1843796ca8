import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { applyLogins } from './apply-logins.ts'
import { deep, draws, rounds } from './rounds.ts'
import { APPS, type Login, PEOPLE } from './scenario.ts'
import { newState, type State } from './state.ts'
import { inlineStore, postgresStore, type StoreFixture, sqliteStore } from './store-fixture.ts'
import { readTables } from './tables.ts'

/** What an order is made of: nobody has moved an app. */
type Plain = Pick<Login, 'app' | 'person' | 'silent'>

/** Every app is bound, none is moved: who belongs together can be said without knowing what came when. */
function expected(state: State, logins: readonly Plain[]): string[] {
  const heard = new Set(logins.filter(({ silent }) => !silent).map(({ app, person }) => `${app} ${person}`))
  const groups = Map.groupBy(new Set(logins.map(({ app, person }) => `${app} ${person}`)), (identity) =>
    heard.has(identity)
      ? `${state.realmOf[Number(identity.split(' ')[0])]} ${identity.split(' ')[1]}`
      : `alone ${identity}`,
  )
  return [...groups.values()].map((group) => group.toSorted().join(', ')).toSorted()
}

/** Who is together, as the tables have it. */
async function grouping(state: State): Promise<string[]> {
  const { identities } = await readTables(state.fixture, state.window, state.seen)
  const groups = Map.groupBy(identities, ({ user_id }) => user_id)
  return [...groups.values()].map((group) => group.map(spell).toSorted().join(', ')).toSorted()
}

/** `o<numbering>-<person>-<app>`, as a login spells it. */
const spell = ({ openid }: Record<string, unknown>): string => {
  const [, person, app] = String(openid).split('-')
  return `${app} ${person}`
}

/** Logs everybody in, one chunk after the other, those of a chunk all at once. */
async function arrange(fixture: StoreFixture, number: number, chunks: readonly Plain[][]): Promise<void> {
  const state = await newState(fixture, { accounts: Array.from({ length: APPS }, () => 0) }, number)
  for (const [turn, chunk] of chunks.entries()) {
    state.now += turn % 2 // half of them in the same millisecond as those before
    await applyLogins(
      state,
      chunk.map((login) => ({ ...login, stale: false })),
    )
    state.seen.audit = Number((await fixture.rows('SELECT MAX(seq) AS last FROM audit_events'))[0]?.last)
  }
  assert.deepEqual(await grouping(state), expected(state, chunks.flat()))
}

const login: fc.Arbitrary<Plain> = fc.record({
  app: fc.nat({ max: APPS - 1 }),
  person: fc.nat({ max: PEOPLE - 1 }),
  silent: fc.boolean(),
})

/** The same logins in some order, cut into chunks of one to six. */
const arrangement = (logins: Plain[]): fc.Arbitrary<Plain[][]> =>
  fc
    .tuple(
      fc.shuffledSubarray(logins, { minLength: logins.length }),
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: logins.length, maxLength: logins.length }),
    )
    .map(([shuffled, sizes]) => sizes.map((size) => shuffled.splice(0, size)).filter(({ length }) => length > 0))

const arrangements: fc.Arbitrary<Plain[][][]> = fc
  .array(login, { minLength: 2, maxLength: 16, size: 'max' })
  .chain((logins) => fc.tuple(arrangement(logins), arrangement(logins), arrangement(logins), arrangement(logins)))

async function anyOrder(fixture: StoreFixture, from: number, runs: number): Promise<number> {
  let number = from
  const one = async (all: Plain[][][]): Promise<void> => {
    for (const chunks of all) await arrange(fixture, number++, chunks)
  }
  await fc.assert(fc.asyncProperty(arrangements, one), draws(runs))
  return number
}

function* permutations<T>(of: readonly T[]): Generator<T[]> {
  if (of.length === 0) yield []
  for (const [place, first] of of.entries()) {
    for (const rest of permutations(of.toSpliced(place, 1))) yield [first, ...rest]
  }
}

test('T12 I4 every order of a person’s six logins, with and without a unionid, ends in the same users', async () => {
  const fixture = await inlineStore()
  const at = (app: number, silent: boolean): Plain => ({ app, person: 0, silent })
  const logins = [at(0, true), at(0, false), at(1, true), at(1, false), at(2, false), at(3, true)]
  try {
    let number = 0
    for (const order of permutations(logins))
      await arrange(
        fixture,
        number++,
        order.map((one) => [one]),
      )
    assert.equal(number, 720)
  } finally {
    await fixture.close()
  }
})

for (const [name, open, within] of [
  ['SQLite', sqliteStore, 8000],
  ['PostgreSQL', postgresStore, 8000],
] as const) {
  test(`T15 I4 ${name}: neither the order nor the parallelism of logins changes who belongs together`, async (t) => {
    const fixture = await open()
    let number = 0
    try {
      for (const _ of rounds(deep ? 100 : 30, within)) number = await anyOrder(fixture, number, 10)
      t.diagnostic(`${number} arrangements`)
    } finally {
      await fixture.close()
    }
  })
}
