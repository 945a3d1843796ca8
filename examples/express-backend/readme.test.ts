import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
const [terminals = '', commands = ''] = [...readme.matchAll(/```sh\n(.+?)```/gs)].map(([, block]) => block)
/** What every terminal has, without the settings of whoever runs the tests. */
const terminal = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(HUFU_|WECHAT_|PORT$)/.test(name)),
)
terminal.PATH = `${join(root, 'node_modules/.bin')}:${dirname(process.execPath)}:${process.env.PATH}`

test('the commands of the README place an order and see it', { skip: process.platform === 'win32' }, async (t) => {
  const [hufu, admin, simulator, shop] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const data = mkdtempSync(join(tmpdir(), 'hufu-'))
  t.after(() => rmSync(data, { recursive: true, force: true }))
  const env = {
    ...terminal,
    HUFU_DATA_DIR: data,
    HUFU_PORT: String(hufu),
    HUFU_ADMIN_PORT: String(admin),
    HUFU_SIMULATOR_PORT: String(simulator),
  }
  const names = [...terminals.matchAll(/^npm (?:run )?([\w:]+)/gm)].map(([, name]) => name ?? '')
  assert.deepEqual(names, ['start', 'example:express'])
  await startScript(t, 'start', env, 'Ctrl+C')
  const issuer = `http://127.0.0.1:${hufu}`
  await startScript(t, 'example:express', { ...terminal, HUFU_ISSUER: issuer, PORT: String(shop) }, '/orders')

  const script = commands.replaceAll(':8787', `:${hufu}`).replaceAll(':3000', `:${shop}`)
  const { stdout } = await promisify(execFile)('bash', ['-euc', script], { env: terminal })
  const [placed, seen] = stdout.split(/(?<=\})(?=\{)/).map((json) => JSON.parse(json))
  assert.equal(placed.item, '龙井')
  assert.deepEqual(seen.items, [placed])
})

/** Runs a script of the repository's package.json until the test ends; resolves when it has said the word. */
async function startScript(t: TestContext, name: string, env: NodeJS.ProcessEnv, word: string) {
  const child = spawn(scripts[name], {
    cwd: root,
    env,
    shell: true,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(async () => {
    if (child.pid) process.kill(-child.pid)
    await once(child, 'exit')
  })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      said += String(chunk)
      if (said.includes(word)) resolve()
    })
    child.once('exit', (code) => reject(new Error(`npm run ${name} ended with ${code}: ${said}`)))
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = server.address()
  server.close()
  return typeof at === 'object' && at !== null ? at.port : 0
}
