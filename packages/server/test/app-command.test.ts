import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { club, shop } from './fixture/apps.ts'
import { type Settings, startHufu } from './fixture/process.ts'
import { hufu, productionSettings, type Ran } from './fixture/production.ts'

type Run = (...words: string[]) => Promise<Ran>

/** The command on a database of its own, with a server running or without. */
async function commands(t: TestContext, more: Settings, { serving }: { serving: boolean }): Promise<Run> {
  const settings = productionSettings(t, more)
  if (serving) await startHufu(t, settings)
  else await hufu(t, settings, ['migrate'])
  return (...words) => hufu(t, settings, words)
}

for (const serving of [true, false]) {
  test(`C13 hufu app origins adds, removes and lists ${serving ? 'through the server' : 'on the database'}`, async (t) => {
    const run = await commands(t, {}, { serving })
    await run('app', 'add', shop.appId, '--no-secret')
    const origins = async (...words: string[]): Promise<string[]> => {
      const { status, stdout, stderr } = await run('app', 'origins', ...words)
      assert.equal(status, 0, stderr)
      return stdout
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
    }
    assert.deepEqual(await origins(shop.appId), [])
    assert.deepEqual(await origins(shop.appId, 'add', 'https://a.example', 'http://localhost:5173'), [
      'https://a.example',
      'http://localhost:5173',
    ])
    assert.deepEqual((await origins(shop.appId, 'add', 'https://a.example')).toSorted(), [
      'http://localhost:5173',
      'https://a.example',
    ])
    assert.deepEqual(await origins(shop.appId, 'remove', 'https://a.example', 'https://never.example'), [
      'http://localhost:5173',
    ])
    assert.deepEqual(await origins(shop.appId, 'list'), ['http://localhost:5173'])
    for (const [words, says] of [
      [[shop.appId, 'add', 'https://a.example/path'], /Wrong: origins/],
      [[shop.appId, 'add'], /Name the origins to add/],
      [[shop.appId, 'forget', 'https://a.example'], /Expected one of list, add, remove/],
      [[club.appId, 'list'], /no such app/],
    ] as const) {
      const { status, stderr } = await run('app', 'origins', ...words)
      assert.notEqual(status, 0)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /^ {4}at /m)
    }
  })
}
