import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Dialect,
  type Fragment,
  forNoKeyUpdate,
  forUpdate,
  fragment,
  nothing,
  type Statement,
  spelledOut,
  sql,
  type Value,
} from './sql.ts'

const NUMBERED: Dialect = { place: (number) => `$${number}`, hasLocks: true }
const PLAIN: Dialect = { place: () => '?', hasLocks: false }
const said = ({ text, values }: Statement, dialect: Dialect): [string, Value[]] => [
  text.in(dialect).replace(/\s+/g, ' ').trim(),
  values,
]

test('values and fragments stand in their places, in the words of each dialect', () => {
  const COLUMNS = fragment`u.id, ${fragment`u.status`}`
  const asked = sql`
    SELECT ${COLUMNS} FROM users u WHERE u.realm_id = ${'default'} AND u.unionid = ${undefined} AND n > ${7}
    ${forNoKeyUpdate('u', 'i')}`
  const values = ['default', null, 7]
  const words = 'SELECT u.id, u.status FROM users u WHERE u.realm_id = '
  assert.deepEqual(said(asked, NUMBERED), [
    `${words}$1 AND u.unionid = $2 AND n > $3 FOR NO KEY UPDATE OF u, i`,
    values,
  ])
  assert.deepEqual(said(asked, PLAIN), [`${words}? AND u.unionid = ? AND n > ?`, values])
})

test('one template with the same fragments is one text, whatever its values; with others it is another', () => {
  const find = (id: string, lock: Fragment, columns: Fragment): Statement =>
    sql`SELECT ${columns} FROM users WHERE id = ${id} ${lock}`
  const [ID, STATUS] = [fragment`id`, fragment`status`]
  const first = find('a', nothing, ID)
  assert.equal(find('b', nothing, ID).text, first.text)
  const texts = [
    [nothing, ID],
    [forUpdate(), ID],
    [forNoKeyUpdate(), ID],
    [nothing, STATUS],
    [forUpdate(), STATUS],
  ].map(([lock, columns]) => find('c', lock as Fragment, columns as Fragment).text)
  assert.equal(new Set(texts).size, 5)
  assert.deepEqual(
    texts.map((text) => text.in(NUMBERED).trim()),
    [
      'SELECT id FROM users WHERE id = $1',
      'SELECT id FROM users WHERE id = $1 FOR UPDATE',
      'SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE',
      'SELECT status FROM users WHERE id = $1',
      'SELECT status FROM users WHERE id = $1 FOR UPDATE',
    ],
  )
  assert.deepEqual(find('d', nothing, ID).values, ['d'])
})

test('what looks like SQL in a value stays a value', () => {
  const name = "'; DROP TABLE users; -- ? $1 FOR UPDATE"
  assert.deepEqual(said(sql`SELECT ${name}`, PLAIN), ['SELECT ?', [name]])
  assert.throws(() => spelledOut(['login', "'; DROP TABLE users"]), TypeError)
  assert.deepEqual(said(sql`kind IN (${spelledOut(['a_b', 'c.d'])})`, PLAIN), ["kind IN ('a_b', 'c.d')", []])
})

test('a place that held a value never takes a fragment, nor the other way round: the text would be a wrong one', () => {
  const find = (one: Value | Fragment, other: Value | Fragment): Statement => sql`SELECT ${one} WHERE ${other}`
  find('value', nothing)
  for (const [one, other] of [
    [nothing, 'value'],
    [nothing, nothing],
    ['value', 'value'],
  ] as const) {
    assert.throws(() => find(one, other), TypeError)
  }
  const set = (one: Value | Fragment): Statement => sql`UPDATE users SET status = ${one}`
  set('active')
  assert.throws(() => set(nothing), TypeError)
})
