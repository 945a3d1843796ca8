import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { masterKey } from './fixture/config.ts'
import { runHufu, type Settings } from './fixture/process.ts'
import { productionSettings } from './fixture/production.ts'
import { openEmptyPostgres, openTestPostgres } from './stores/postgres.ts'

interface Expected {
  exit: number
  /** What, where and cause. */
  says: RegExp
  /** The cure. */
  cure: RegExp
}

/** Runs a command to its end: no stack, the exit code of its class, cause and cure in both languages. */
async function expectFailure(
  t: TestContext,
  words: string[],
  settings: Settings,
  { exit, says, cure }: Expected,
  folder?: string,
) {
  const hufu = runHufu(t, words, { HUFU_PORT: '0', HUFU_ADMIN_PORT: '0', ...settings }, { folder })
  const code = await hufu.ended
  const printed = hufu.printed()
  assert.equal(code, exit, `${words.join(' ')}: ${printed}`)
  assert.doesNotMatch(printed, /^\s+at .+:\d+|node:internal|\.ts:\d+:\d+/m)
  assert.match(printed, says)
  assert.match(printed, cure)
  assert.match(printed, /\p{Script=Han}/u, `in Chinese too: ${printed}`)
  assert.ok(!printed.includes(masterKey))
  return printed
}

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  chmodSync(folder, 0o755) // other users pass through it
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const linux = process.platform === 'linux'
const asRoot = { skip: linux && process.getuid?.() === 0 ? false : 'must be root to act as others' }

test('C11 a secret file that is missing, empty, a folder or not text is a configuration to mend, and named', async (t) => {
  const folder = newFolder(t)
  writeFileSync(join(folder, 'empty'), '')
  writeFileSync(join(folder, 'blank'), ' \n\t\n')
  writeFileSync(join(folder, 'binary'), Buffer.from([0x80, 0x81, 0xff, 0xc3, 0x28]))
  mkdirSync(join(folder, 'directory'))
  const { HUFU_MASTER_KEY: _, ...settings } = productionSettings(t)
  for (const [name, says] of [
    ['missing', /HUFU_MASTER_KEY_FILE: cannot be read/],
    ['empty', /HUFU_MASTER_KEY_FILE: the file is empty/],
    ['blank', /HUFU_MASTER_KEY_FILE: the file is empty/],
    ['directory', /HUFU_MASTER_KEY_FILE: cannot be read/],
    ['binary', /HUFU_MASTER_KEY_FILE: is not text/],
  ] as const) {
    const wrong = { ...settings, HUFU_MASTER_KEY_FILE: join(folder, name) }
    await expectFailure(t, ['serve'], wrong, { exit: 2, says, cure: /HUFU_MASTER_KEY_FILE/ })
  }
  await runHufu(t, ['migrate'], productionSettings(t)).ended
  const good = productionSettings(t)
  assert.equal(await runHufu(t, ['migrate'], good).ended, 0)
  for (const [name, says] of [
    ['missing', /missing cannot be read/],
    ['blank', /The secret is empty/],
    ['directory', /directory cannot be read/],
  ] as const) {
    const add = ['app', 'add', 'wx00000000000000f1', '--secret-file', join(folder, name)]
    await expectFailure(t, add, good, { exit: 2, says, cure: /--help/ })
  }
})

test('C11 words that are no command, option or argument are usage: exit 2, and where to look', async (t) => {
  const settings = productionSettings(t)
  for (const words of [
    ['sevre'],
    ['app', 'ad'],
    ['serve', '--prot', '1'],
    ['app', 'add'],
    ['keys', 'retire'],
    ['restore'],
    ['app', 'list', 'all'],
  ]) {
    await expectFailure(t, words, settings, { exit: 2, says: /error: /, cure: /--help/ })
  }
  for (const words of [['--help'], ['app', 'add', '--help'], ['--version']]) {
    assert.equal(await runHufu(t, words, settings).ended, 0, words.join(' '))
  }
})

test('C11 what is not there is exit 3: a database, an app, a cloud key', async (t) => {
  const settings = productionSettings(t)
  await expectFailure(t, ['app', 'list'], settings, { exit: 3, says: /no database at file:/, cure: /hufu migrate/ })
  assert.equal(await runHufu(t, ['migrate'], settings).ended, 0)
  for (const words of [
    ['app', 'remove', 'wx00000000000000f9'],
    ['app', 'cloud-key', 'revoke', 'ck_0123456789abcdefghjkmnpqrs'],
    ['unifications', 'preview', 'uni_0123456789abcdefghjkmnpqrs'],
  ]) {
    await expectFailure(t, words, settings, { exit: 3, says: /no such|There is no|not/i, cure: /·/ })
  }
})

test('C11 a data folder that is a file, lies in one, or in a circle of links names itself and the cure', async (t) => {
  const folder = newFolder(t)
  writeFileSync(join(folder, 'file'), 'precious')
  symlinkSync(join(folder, 'b'), join(folder, 'a'))
  symlinkSync(join(folder, 'a'), join(folder, 'b'))
  for (const [place, says] of [
    ['file', /EEXIST|ENOTDIR/],
    ['file/below', /ENOTDIR/],
    ['a/below', /ELOOP|ENOENT/],
    ['x'.repeat(300), /ENAMETOOLONG/],
  ] as const) {
    for (const command of ['serve', 'migrate']) {
      const wrong = { ...productionSettings(t), HUFU_DATA_DIR: join(folder, place) }
      await expectFailure(t, [command], wrong, { exit: 2, says, cure: /Name|HUFU_DATA_DIR/ })
    }
  }
  assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'precious')
})

/** Runs a command as a user who owns nothing. */
async function asNobody(
  words: string[],
  settings: Settings,
  limits: string[] = [],
): Promise<{ code: unknown; printed: string }> {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const { PATH = '' } = process.env
  const command = [
    'setpriv',
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    process.execPath,
    '-C',
    'source',
    main,
    ...words,
  ]
  const [first = '', ...rest] = [...limits, ...command]
  const child = spawn(first, rest, { env: { PATH, HUFU_PORT: '0', ...settings }, cwd: '/' })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (printed += bytes))
  const [code] = await once(child, 'close')
  return { code, printed }
}

test(
  'C11 a data folder or database of a foreign owner, or one that cannot be written, says whose it must be',
  asRoot,
  async (t) => {
    const folder = newFolder(t)
    const places: Record<string, { make: (place: string) => void; says: RegExp }> = {
      'a folder of another user': {
        make: (place) => mkdirSync(place, { mode: 0o700 }),
        says: /EACCES|cannot|not for Hufu/,
      },
      'a folder in one that nobody may write': { make: () => undefined, says: /EACCES/ },
      'a folder that may be read and not written': {
        make: (place) => {
          mkdirSync(place, { mode: 0o500 })
          chownSync(place, 65534, 65534)
        },
        says: /EACCES/,
      },
      'a database of another user in a folder of ours': {
        make: (place) => {
          mkdirSync(place, { mode: 0o700 })
          chownSync(place, 65534, 65534)
          new DatabaseSync(join(place, 'hufu.db')).close()
          writeFileSync(join(place, 'hufu.db'), '', { mode: 0o600 })
          const db = new DatabaseSync(join(place, 'hufu.db'))
          db.exec('CREATE TABLE t (x)')
          db.close()
          chmodSync(join(place, 'hufu.db'), 0o600)
        },
        says: /hufu\.db/,
      },
    }
    for (const [n, [what, { make, says }]] of Object.entries(places).entries()) {
      const place = join(folder, String(n))
      make(place)
      const { code, printed } = await asNobody(['serve'], { ...productionSettings(t), HUFU_DATA_DIR: place })
      assert.equal(code, 2, `${what}: ${printed}`)
      assert.match(printed, says, what)
      assert.match(printed, /chown|chmod/, what)
      assert.match(printed, /\p{Script=Han}/u)
      assert.doesNotMatch(printed, /^\s+at .+:\d+/m)
    }
  },
)

test(
  'C11 a disk that is full, or a file that may not grow, says so at the start and loses nothing',
  asRoot,
  async (t) => {
    const folder = newFolder(t)
    for (const size of ['4k', '64k', '200k']) {
      const place = join(folder, size)
      mkdirSync(place)
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', place]).status !== 0) {
        return t.skip('this machine lets nobody mount')
      }
      try {
        await expectFailure(
          t,
          ['serve'],
          { ...productionSettings(t), HUFU_DATA_DIR: place },
          { exit: 1, says: /full|ENOSPC/, cure: /Make room/ },
        )
      } finally {
        spawnSync('umount', [place])
      }
    }
  },
)

test('C11 a database file that is damaged names the file and how to restore', async (t) => {
  const whole = productionSettings(t)
  assert.equal(await runHufu(t, ['migrate'], whole).ended, 0)
  const original = join(whole.HUFU_DATA_DIR ?? '', 'hufu.db')
  const damages: Record<string, (file: string) => void> = {
    'random bytes': (file) => writeFileSync(file, randomBytes(20_000)),
    'a wrong header': (file) => {
      const bytes = readFileSync(original)
      bytes.write('SQLite format 2', 0)
      writeFileSync(file, bytes)
    },
    'a text file': (file) => writeFileSync(file, 'this is not a database at all\n'.repeat(300)),
    'cut off in the middle': (file) => {
      copyFileSync(original, file)
      truncateSync(file, Math.floor(statSync(original).size / 2))
    },
  }
  for (const [what, damage] of Object.entries(damages)) {
    const settings = productionSettings(t)
    const file = join(settings.HUFU_DATA_DIR ?? '', 'hufu.db')
    damage(file)
    const before = readFileSync(file)
    for (const words of [['serve'], ['migrate'], ['app', 'list']]) {
      await expectFailure(t, words, settings, { exit: 1, says: /hufu\.db/, cure: /hufu restore/ })
    }
    if (what !== 'cut off in the middle') assert.deepEqual(readFileSync(file), before, what)
  }
})

test('C11 a database of a newer release is refused with the cure, on both stores', async (t) => {
  const settings = productionSettings(t)
  assert.equal(await runHufu(t, ['migrate'], settings).ended, 0)
  const db = new DatabaseSync(join(settings.HUFU_DATA_DIR ?? '', 'hufu.db'))
  db.exec('PRAGMA user_version = 9000')
  db.close()
  const postgres = await openTestPostgres()
  t.after(postgres.drop)
  await postgres.select("INSERT INTO hufu_migrations (number, name) VALUES (9000, 'later')")
  for (const url of [undefined, postgres.url]) {
    const env = url ? { ...productionSettings(t), HUFU_DATABASE_URL: url } : settings
    for (const words of [['serve'], ['migrate'], ['app', 'list']]) {
      await expectFailure(t, words, env, { exit: 1, says: /newer Hufu/, cure: /Upgrade Hufu/ })
    }
  }
})

test('C11 PostgreSQL: wrong password, user, database, host, port, TLS, rights and schema each name their cure', async (t) => {
  const postgres = await openEmptyPostgres()
  t.after(postgres.drop)
  await postgres.select("CREATE ROLE plain LOGIN PASSWORD 'secret-of-plain'")
  t.after(() => postgres.select('DROP OWNED BY plain; DROP ROLE plain').catch(() => undefined))
  const at = (change: (url: URL) => void): string => {
    const url = new URL(postgres.url)
    change(url)
    return url.href
  }
  const deaf = createServer((socket) => socket.destroy())
  await new Promise<void>((listening) => deaf.listen(0, '127.0.0.1', listening))
  t.after(() => deaf.close())
  const address = deaf.address()
  const deafPort = String(typeof address === 'object' && address ? address.port : 0)
  const cases: Record<string, [string, Expected]> = {
    'a wrong password': [
      at((url) => (url.password = 'wrong-word')),
      { exit: 2, says: /password authentication failed/, cure: /HUFU_DATABASE_URL, percent-encoded/ },
    ],
    'an unknown user': [
      at((url) => (url.username = 'nobody-here')),
      { exit: 2, says: /password authentication failed|does not exist/, cure: /HUFU_DATABASE_URL/ },
    ],
    'an absent database': [
      at((url) => (url.pathname = '/no_such_database')),
      { exit: 2, says: /"no_such_database" does not exist/, cure: /CREATE DATABASE/ },
    ],
    'a wrong port': [at((url) => (url.port = '1')), { exit: 4, says: /ECONNREFUSED/, cure: /correct host and port/ }],
    'a wrong host': [
      at((url) => (url.hostname = `${'x'.repeat(64)}.invalid`)),
      { exit: 4, says: /ENOTFOUND|EAI_AGAIN/, cure: /name servers/ },
    ],
    'somebody else at the port': [
      at((url) => (url.port = deafPort)),
      { exit: 4, says: /ECONNRESET|terminated/, cure: /broke|network/ },
    ],
    'TLS where there is none': [
      at((url) => (url.search = '?sslmode=require')),
      { exit: 2, says: /does not support SSL/, cure: /sslmode/ },
    ],
    'a role without rights on public': [
      at((url) => {
        url.username = 'plain'
        url.password = 'secret-of-plain'
      }),
      { exit: 2, says: /permission denied for schema public/, cure: /GRANT CREATE ON SCHEMA public/ },
    ],
    'an absent schema': [
      at((url) => (url.search = '?options=-csearch_path%3Dno_such_schema')),
      { exit: 2, says: /no schema has been selected/, cure: /CREATE SCHEMA/ },
    ],
  }
  for (const [what, [url, expected]] of Object.entries(cases)) {
    for (const words of [['serve'], ['migrate']]) {
      const printed = await expectFailure(t, words, { ...productionSettings(t), HUFU_DATABASE_URL: url }, expected)
      for (const secret of ['wrong-word', 'secret-of-plain', new URL(postgres.url).password]) {
        assert.ok(!printed.includes(secret), `${what} tells no password`)
      }
    }
  }
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  assert.deepEqual((await client.query("SELECT to_regclass('hufu_migrations') AS made")).rows, [{ made: null }])
  await client.end()
})
