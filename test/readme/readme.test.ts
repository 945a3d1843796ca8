import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { freePorts, type Running, repository, start } from './running-server.ts'
import { type Snippet, snippetsOf } from './snippets.ts'

const snippets = snippetsOf(join(repository, 'README.md'))
const workplace = mkdtempSync(join(tmpdir(), 'hufu-readme-'))
const scratch = join(repository, '.artefacts', `readme-${process.pid}`)
let ports: number[] = []
let server: Running

const snippet = (mark: string, part = ''): Snippet => {
  const found = snippets.find((one) => one.mark === mark && one.text.includes(part))
  assert.ok(found, `the README has no such snippet any more: ${mark} ${part}`)
  return found
}

/** Snippets speak of the default ports and of `npx hufu`; here they meet the ports and the command of this run. */
const local = (text: string): string =>
  [8787, 8788, 8789]
    .reduce((done, port, at) => done.replaceAll(`:${port}`, `:${ports[at]}`), text)
    .replaceAll('npx hufu', 'hufu')

const environment = (): NodeJS.ProcessEnv => {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env
  return { ...env, PATH: `${join(repository, 'node_modules', '.bin')}:${env.PATH}` }
}

const shell = (text: string): string =>
  execFileSync('bash', ['-euo', 'pipefail', '-c', local(text)], {
    cwd: workplace,
    env: environment(),
    encoding: 'utf8',
  })

/** Runs a module that begins with a snippet and goes on with more. */
function runModule(text: string, more: string): string {
  const file = join(scratch, `snippet-${Math.abs(hashOf(text))}.mjs`)
  writeFileSync(file, `${local(text)}\n${more}`)
  return execFileSync(process.execPath, ['-C', 'source', file], {
    cwd: workplace,
    env: environment(),
    encoding: 'utf8',
  })
}
const hashOf = (text: string): number => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7)

before(async () => {
  mkdirSync(scratch, { recursive: true })
  writeFileSync(join(workplace, 'app-secret.txt'), '0123456789abcdef0123456789abcdef\n')
  ports = await freePorts(3)
  const [port, admin, wechat] = ports.map(String)
  server = await start('bash', ['-c', snippet('run: start').text], {
    cwd: repository,
    env: {
      ...environment(),
      HUFU_DATA_DIR: join(workplace, 'data'),
      HUFU_PORT: port,
      HUFU_ADMIN_PORT: admin,
      HUFU_SIMULATOR_PORT: wechat,
    },
    until: /Ctrl\+C stops/,
  })
})

after(async () => {
  await server?.stop()
  rmSync(workplace, { recursive: true, force: true })
  rmSync(scratch, { recursive: true, force: true })
})

test('npm start shows one login step by step, and the same person in a second app as the same user', () => {
  const output = server.output()
  assert.match(output, /1 wx\.login gives the code +\w{32}/)
  assert.match(output, /WeChat answers \{"session_key":"\[SessionKey\]","openid":"o/)
  const users = [...output.matchAll(/whose account is it\? +(\w+) → (usr_\w+)/g)].map(([, ...said]) => said)
  assert.deepEqual(
    users.map(([decision]) => decision),
    ['create', 'link'],
  )
  assert.equal(users[0]?.[1], users[1]?.[1])
})

test('the login of the README answers with what the README names', () => {
  const reply = JSON.parse(shell(snippet('run', 'hufu-dev:xiaohong').text))
  assert.deepEqual(Object.keys(reply), [
    'accessToken',
    'tokenType',
    'expiresIn',
    'refreshToken',
    'appId',
    'openid',
    'unionid',
    'user',
  ])
})

test('the three lines of the mini program sign in', () => {
  const text = snippet('run: mini program')
    .text.replace('https://login.example.com', 'http://127.0.0.1:8787')
    .replace('wx…', 'wx00000000000000a1')
  // Imports run first, so the phone has to be there before the module that uses it.
  const phone = local(`import { createFakeWx } from '@hufu/simulator/wx'
    globalThis.wx = createFakeWx({ appId: 'wx00000000000000a1', person: 'xiaoming', simulatorUrl: 'http://127.0.0.1:8789' }).wx`)
  writeFileSync(join(scratch, 'phone.mjs'), phone)
  const said = runModule(`import './phone.mjs'\n${text}`, 'console.log(hufu.user().id, reply.statusCode)')
  assert.match(said, /^usr_\w{26} 404\n$/) // there are no orders on the login server
})

test('the check of the back end knows who calls', () => {
  const { accessToken, user } = JSON.parse(shell(snippet('run', 'hufu-dev:xiaohong').text))
  const said = runModule(
    snippet('run', 'createRemoteJWKSet').text,
    `console.log(await whoCalls(${JSON.stringify(accessToken)}))`,
  )
  assert.equal(said.trim(), user.id)
})

test('the operators’ listener tells the openid that WeChat Pay wants', () => {
  const { items } = JSON.parse(shell(snippet('run', 'data/admin.token').text))
  assert.match(items[0].identities[0].openid, /^o[\w-]{27}$/)
})

test('an app is added from a file, through the running server', () => {
  const said = shell(snippet('run', 'hufu app add').text)
  assert.match(said, /^Added wx4f4bc4dec97d474b to realm default/)
  assert.match(said, /wx4f4bc4dec97d474b +default +miniprogram +My shop/)
})

test('the lines for production start a server', async () => {
  const [port, admin] = await freePorts(2)
  const text = local(snippet('run: production').text)
  const production = await start('bash', ['-euo', 'pipefail', '-c', text], {
    cwd: workplace,
    env: { ...environment(), HUFU_PORT: String(port), HUFU_ADMIN_PORT: String(admin) },
    until: /"msg":"started"/,
  })
  try {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`)
    assert.equal(ready.status, 200)
  } finally {
    await production.stop()
  }
})

test('the library snippet answers and closes', () => {
  assert.match(runModule(snippet('run', 'createHufu').text, ''), /^200$/m)
})

test('nginx understands the proxy', (context) => {
  const { text } = snippet('check: nginx')
  assert.match(text, /proxy_pass http:\/\/127\.0\.0\.1:8787;/)
  if (spawnSync('nginx', ['-v']).error)
    return context.diagnostic('no nginx on this machine: the block was not parsed by it')
  const key = [
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=x',
    '-keyout',
    'k.pem',
    '-out',
    'c.pem',
  ]
  execFileSync('openssl', ['req', ...key], { cwd: workplace, stdio: 'ignore' })
  const block = text
    .replace(/\/etc\/ssl\/login\.example\.com\.pem/, join(workplace, 'c.pem'))
    .replace(/\/etc\/ssl\/login\.example\.com\.key/, join(workplace, 'k.pem'))
  writeFileSync(join(workplace, 'nginx.conf'), `events {}\nhttp {\n${block}\n}\n`)
  const checked = spawnSync('nginx', ['-t', '-c', join(workplace, 'nginx.conf'), '-e', 'stderr'], { encoding: 'utf8' })
  assert.equal(checked.status, 0, checked.stderr)
})

test('both languages show the same snippets, and each one is tried or is output', () => {
  assert.deepEqual(snippetsOf(join(repository, 'README.zh-CN.md')), snippets)
  const untried = snippets.filter(({ mark, language }) => mark === undefined && language !== 'text')
  assert.deepEqual(untried, [])
})

test('both languages have the same headings, tables and links', () => {
  const shape = (file: string) => {
    const lines = execFileSync('cat', [join(repository, file)], { encoding: 'utf8' }).split('\n')
    return {
      headings: lines.filter((line) => line.startsWith('#')).map((line) => line.replace(/[^#].*/, '')),
      rows: lines.filter((line) => line.startsWith('|')).map((line) => line.split('|').length),
    }
  }
  assert.deepEqual(shape('README.zh-CN.md').headings, shape('README.md').headings)
  assert.deepEqual(shape('README.zh-CN.md').rows, shape('README.md').rows)
})
