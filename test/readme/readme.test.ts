import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { freePorts, type Running, repository, start } from './running-server.ts'
import { type Snippet, snippetsOf } from './snippets.ts'

/** The English pages; the Chinese ones hold the same code, letter by letter (test/documents.test.ts). */
const PAGES = ['README.md', 'docs/api.md', 'docs/library.md', 'docs/operate.md']
const snippets = PAGES.flatMap((page) => snippetsOf(join(repository, page)))
const tried = new Set<Snippet>()
const workplace = mkdtempSync(join(tmpdir(), 'hufu-readme-'))
const scratch = join(repository, '.artefacts', `readme-${process.pid}`)
let ports: number[] = []
let server: Running

const snippet = (mark: string, part = ''): Snippet => {
  const found = snippets.find((one) => one.mark === mark && one.text.includes(part))
  assert.ok(found, `no page has such a snippet any more: ${mark} ${part}`)
  tried.add(found)
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
  ports = await freePorts(4)
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
  const users = [...output.matchAll(/whose user is it\? +(\w+) → (usr_\w+)/g)].map(([, ...said]) => said)
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

test('the lines of the mini program sign in, and bring the token to the back end', () => {
  const text = snippet('run: mini program')
    .text.replace('https://login.example.com', 'http://127.0.0.1:8787')
    .replace('https://shop.example.com', `http://127.0.0.1:${ports[3]}`)
    .replace('wx…', 'wx00000000000000a1')
  // Imports run first, so the phone has to be there before the module that uses it.
  const phone = local(`import { createFakeWx } from '@hufu/simulator/wx'
    globalThis.wx = createFakeWx({ appId: 'wx00000000000000a1', person: 'xiaoming', simulatorUrl: 'http://127.0.0.1:8789' }).wx
    import { createServer } from 'node:http'
    const shop = createServer(({ url, headers }, response) => response.end(url + ' ' + headers.authorization?.slice(0, 10)))
    await new Promise((listening) => shop.listen(${ports[3]}, '127.0.0.1', listening))
    shop.unref()`)
  writeFileSync(join(scratch, 'phone.mjs'), phone)
  const said = runModule(`import './phone.mjs'\n${text}`, 'console.log(hufu.user().id, reply.data)')
  assert.match(said, /^usr_\w{26} \/orders Bearer eyJ\n$/) // the back end was asked, with the token
})

test('the check of the back end knows who calls', () => {
  const { accessToken, user } = JSON.parse(shell(snippet('run', 'hufu-dev:xiaohong').text))
  const said = runModule(
    snippet('run', 'createRemoteJWKSet').text,
    `console.log(await whoCalls(${JSON.stringify(accessToken)}))`,
  )
  assert.equal(said.trim(), user.id)
})

test('the lines for WeChat Pay tell the openid that a person has in the app that pays', async () => {
  const login = async (appId: string): Promise<{ accessToken: string; openid: string; user: { id: string } }> => {
    const reply = await fetch(local('http://127.0.0.1:8787/v1/login'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ appId, code: 'hufu-dev:xiaohong' }),
    })
    assert.equal(reply.status, 200)
    return JSON.parse(await reply.text())
  }
  const [shop, club] = ['wx00000000000000a1', 'wx00000000000000a2']
  const inShop = await login(shop)
  const inClub = await login(club)
  assert.equal(inClub.user.id, inShop.user.id)
  const asked = [shop, club, 'wx-elsewhere'].map(
    (appId) => `openidOf(${JSON.stringify(inClub.accessToken)}, '${appId}')`,
  )
  const said = runModule(
    snippet('run', 'openidOf').text,
    `console.log(JSON.stringify(await Promise.all([${asked.join(', ')}])))`,
  )
  assert.deepEqual(JSON.parse(said), [inShop.openid, inClub.openid, null])
})

test('a refusal looks as the page about the API shows it', async () => {
  const reply = await fetch(local('http://127.0.0.1:8787/v1/login'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ appId: 'wx-nobody-knows', code: 'any-code' }),
  })
  const shown = JSON.parse(snippet('check: problem').text)
  assert.equal(reply.headers.get('content-type'), 'application/problem+json')
  assert.equal(reply.status, shown.status)
  const problem = JSON.parse(await reply.text())
  assert.match(problem.requestId, /^req_\w+$/)
  assert.deepEqual({ ...problem, requestId: shown.requestId }, shown)
})

test('an operator’s call lists the apps, without their secrets', () => {
  const { items } = JSON.parse(shell(snippet('run', 'data/admin.token').text))
  const known = items.find((one: { appId: string }) => one.appId === 'wx00000000000000a1')
  assert.deepEqual(Object.keys(known), ['appId', 'realm', 'kind', 'name', 'origins', 'createdAt'])
})

test('a backup is made while the server runs', () => {
  shell(snippet('run', 'hufu backup').text)
  const copy = new DatabaseSync(join(workplace, 'hufu-backup.db'), { readOnly: true })
  const { users } = copy.prepare('SELECT COUNT(*) AS users FROM users').get() ?? {}
  copy.close()
  assert.ok(Number(users) > 0)
})

test('an app is added from a file, through the running server', () => {
  const said = shell(snippet('run', 'hufu app list').text)
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

test('every snippet is output, or one of these tests tries it', () => {
  const untried = snippets.filter((one) => one.language !== 'text' && !tried.has(one))
  assert.deepEqual(untried, [])
})
