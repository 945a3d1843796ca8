import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openSqliteStore } from '../src/adapters/sqlite/store.ts'
import { shop } from './fixture/apps.ts'
import { masterKey } from './fixture/config.ts'
import { addApp, newProcessFixture, runHufu, startHufu } from './fixture/process.ts'

const withModes = { skip: process.platform === 'win32' ? 'Windows has no modes' : false }

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const modesIn = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]))

/** Runs with another umask, which belongs to the whole process. */
async function withUmask(umask: number, work: () => Promise<void>): Promise<void> {
  const before = process.umask(umask)
  try {
    await work()
  } finally {
    process.umask(before)
  }
}

for (const umask of [0o000, 0o022, 0o077, 0o277]) {
  test(
    `C16 with umask ${umask.toString(8)} every file in the data folder is its owner’s alone`,
    withModes,
    async (t) => {
      await withUmask(umask, async () => {
        const { settings, folder } = await newProcessFixture(t)
        const { HUFU_MASTER_KEY: _, HUFU_ADMIN_TOKEN: __, ...rest } = settings
        const data = join(folder, 'data')
        const command = async (...words: string[]) => {
          const hufu = runHufu(t, words, { ...rest, HUFU_DATA_DIR: data })
          assert.equal(await hufu.ended, 0, hufu.printed())
        }
        await command('migrate')
        const hufu = await startHufu(t, { ...rest, HUFU_DATA_DIR: data })
        await command('backup', join(data, 'copy.db'))
        assert.equal(statSync(data).mode & 0o777, 0o700)
        const modes = modesIn(data)
        for (const name of [
          'hufu.db',
          'hufu.db-wal',
          'hufu.db-shm',
          'hufu.db.stamp',
          'hufu.lock',
          'hufu.sock',
          'copy.db',
        ])
          assert.equal(modes[name], '600', name)
        for (const name of ['master.key', 'admin.token']) assert.match(modes[name] ?? '', /^[46]00$/, name)
        hufu.child.kill('SIGKILL')
        await hufu.ended
      })
    },
  )
}

for (const wide of [0o755, 0o775, 0o711, 0o777]) {
  test(
    `C16 a data folder of mode ${wide.toString(8)} and the files in it are narrowed by the next start`,
    withModes,
    async (t) => {
      const { settings, folder, file } = await newProcessFixture(t)
      const first = await startHufu(t, settings)
      await addApp(first, shop)
      first.child.kill('SIGKILL')
      await first.ended
      for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o666)
      writeFileSync(join(folder, 'hufu.db-journal'), '', { mode: 0o644 })
      chmodSync(folder, wide)
      const second = await startHufu(t, settings)
      assert.equal(statSync(folder).mode & 0o777, 0o700)
      assert.deepEqual(
        Object.entries(modesIn(folder)).filter(([, mode]) => mode !== '600'),
        [],
      )
      second.child.kill('SIGTERM')
      assert.equal(await second.ended, 0)
      assert.equal(statSync(file).mode & 0o777, 0o600)
    },
  )
}

test(
  'C16 given a folder whose permissions Hufu may not change, then it is refused with the reason and left as it is',
  withModes,
  async (t) => {
    const shared = newFolder(t)
    chmodSync(shared, 0o1777)
    const work = newFolder(t)
    mkdirSync(join(work, 'inside'))
    chmodSync(work, 0o755)
    const before = process.cwd()
    t.after(() => process.chdir(before))
    process.chdir(join(work, 'inside'))
    const root = fileURLToPath(new URL('/', 'file:///'))
    for (const folder of [shared, work, root, ...(process.getuid?.() === 0 ? [] : ['/usr'])]) {
      const { mode } = statSync(folder)
      await assert.rejects(openSqliteStore(join(folder, 'hufu-c16.db')), {
        code: 'server_misconfigured',
        message: /Other users can enter the data folder .*chmod 700.*HUFU_DATA_DIR/,
      })
      assert.equal(statSync(folder).mode, mode, folder)
    }
    assert.deepEqual(readdirSync(shared), [])
    process.chdir(before)

    const command = runHufu(t, ['migrate'], {
      HUFU_DATA_DIR: shared,
      HUFU_MASTER_KEY: masterKey,
      HUFU_ISSUER: 'https://hufu.example',
    })
    assert.equal(await command.ended, 1)
    assert.match(command.printed(), /^Other users can enter/m)
  },
)

test('C16 a file with narrower permissions keeps them', withModes, async (t) => {
  const { settings, folder } = await newProcessFixture(t)
  const { HUFU_ADMIN_TOKEN: _, ...rest } = settings
  for (const mode of [0o400, 0o440, 0o644]) {
    writeFileSync(join(folder, 'admin.token'), 'an-adm1n-t0ken_0f-the-tests.4242\n')
    chmodSync(join(folder, 'admin.token'), mode)
    const command = runHufu(t, ['migrate'], rest)
    assert.equal(await command.ended, 0, command.printed())
    assert.equal(statSync(join(folder, 'admin.token')).mode & 0o777, mode === 0o400 ? 0o400 : 0o600)
    rmSync(join(folder, 'admin.token'))
  }
})
