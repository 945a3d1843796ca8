import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Store } from '../../ports/store.ts'
import { namedTransactions } from '../sql/store.ts'
import { openSearcher } from './searcher.ts'
import { openSqliteStore } from './store.ts'

const newFile = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-searcher-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return join(folder, 'hufu.db')
}

async function newStore(t: TestContext): Promise<{ file: string; store: Store }> {
  const file = newFile(t)
  const store = await openSqliteStore(file, { synchronous: 'OFF' })
  t.after(() => store.upkeep.close())
  const act = { actor: 'test', requestId: 'req', now: 1 }
  for (const id of ['one', 'two'])
    await store.registry.addRealm({ act, realm: { id: id as never, name: id, createdAt: 1 } })
  return { file, store }
}

const page = { after: undefined, limit: 9 }

const SEARCHES: Record<string, (store: Store) => Promise<unknown>> = {
  'events.list': ({ events }) => events.list({ ...page, kind: 'realm_added', userId: undefined }),
  'users.list': ({ users }) => users.list(page),
  'users.findByUnionid': ({ users }) => users.findByUnionid('u' as never),
  'users.findByIdentity': ({ users }) => users.findByIdentity({ appId: 'wx' as never, openid: 'o' as never }),
  'reconciliation.listConflicts': ({ reconciliation }) => reconciliation.listConflicts({ ...page, open: true }),
  'reconciliation.listUnifications': ({ reconciliation }) => reconciliation.listUnifications(page),
  'reconciliation.previewUndo': ({ reconciliation }) => reconciliation.previewUndo('uni_1'),
}

for (const [name, search] of Object.entries(SEARCHES)) {
  test(`B6 a token check that comes after ${name} of an operator does not wait for it`, async (t) => {
    const { store } = await newStore(t)
    const done: string[] = []
    const searched = search(store).then(() => done.push('search'))
    await store.sessions.find('ses_1' as never).then(() => done.push('check'))
    await searched
    assert.deepEqual(done, ['check', 'search'])
  })
}

test('every method that only operators call is among these', () => {
  const searching = namedTransactions.filter(({ transaction }) => transaction.access === 'search')
  assert.deepEqual(searching.map(({ port, method }) => `${port}.${method}`).sort(), Object.keys(SEARCHES).sort())
})

test('a search sees what was committed before it, and many at once each get their own answer', async (t) => {
  const { store } = await newStore(t)
  const asked = await Promise.all(
    [1, 2, 3].map((limit) => store.events.list({ after: undefined, limit, kind: undefined, userId: undefined })),
  )
  assert.deepEqual(
    asked.map((events) => events.length),
    [1, 2, 2],
  )
})

test('a searcher that has gone to rest begins again, and one that is closed refuses', async (t) => {
  const { file } = await newStore(t)
  const searcher = openSearcher(file, 0)
  const list = () => searcher.run({ port: 'users', method: 'list' }, page)
  for (let turn = 0; turn < 5; turn++) {
    assert.deepEqual(await list(), [])
    await pause(turn % 2) // its thread ends, or is about to
  }
  await assert.rejects(searcher.run({ port: 'users', method: 'nothing' }, page), TypeError)
  assert.deepEqual(await list(), [], 'what failed has harmed no other')
  await searcher.close()
  await assert.rejects(list(), { code: 'unavailable' })
  await searcher.close()
})
