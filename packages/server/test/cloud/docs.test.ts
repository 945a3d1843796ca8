import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { freePorts, type Running, repository, start } from '../../../../test/readme/running-server.ts'
import { snippetsOf } from '../../../../test/readme/snippets.ts'
import { COMPILE_CACHE } from '../fixture/process.ts'

const page = (name: string): string => join(repository, 'docs', name)
const snippets = snippetsOf(page('method-two.md'))
const workplace = mkdtempSync(join(tmpdir(), 'hufu-docs-'))
const scratch = join(repository, '.artefacts', `docs-${process.pid}`)
const PORTS = [8787, 8788, 8789, 8780]
let ports: number[] = []
let server: Running

function snippet(mark: string, part = ''): string {
  const found = snippets.find((one) => one.mark === mark && one.text.includes(part))
  assert.ok(found, `the page has no such snippet any more: ${mark} ${part}`)
  return local(found.text)
}

/** The page speaks of the default ports and of `npx hufu`; here they are the ports and the command of this run. */
const local = (text: string): string =>
  PORTS.reduce((done, port, at) => done.replaceAll(String(port), String(ports[at])), text).replaceAll(
    'npx hufu',
    'hufu',
  )

function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env
  return {
    ...env,
    PATH: `${join(repository, 'node_modules', '.bin')}:${env.PATH}`,
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    NODE_OPTIONS: '--conditions=source',
    HUFU_DATA_DIR: join(workplace, 'data'),
  }
}

const shell = (text: string): string =>
  execFileSync('bash', ['-euo', 'pipefail', '-c', text], { cwd: workplace, env: environment(), encoding: 'utf8' })

before(async () => {
  mkdirSync(scratch, { recursive: true })
  symlinkSync(join(repository, 'examples'), join(workplace, 'examples'))
  ports = await freePorts(4)
  const [port, admin, wechat] = ports.map(String)
  server = await start('bash', ['-c', snippet('run: start')], {
    cwd: repository,
    env: { ...environment(), HUFU_PORT: port, HUFU_ADMIN_PORT: admin, HUFU_SIMULATOR_PORT: wechat },
    until: /Ctrl\+C stops/,
  })
})

after(async () => {
  await server?.stop()
  for (const folder of [workplace, scratch]) rmSync(folder, { recursive: true, force: true })
})

test('the page’s commands for a cloud function add a key, log somebody in with it and revoke it', () => {
  assert.match(
    shell(snippet('run', 'cloud-key add')),
    /cloud function speak for its people: hufu app cloud-key add wx4f4b/,
  )
  assert.equal(statSync(join(workplace, 'hufu-cloud.key')).mode & 0o777, 0o600)
  assert.match(shell(snippet('run: function')), /openid: 'o-somebody'/)
  assert.match(
    shell(snippet('run', 'cloud-key revoke')),
    /wx4f4bc4dec97d474b +trust +EdDSA[\s\S]*Revoked ck_\w+\. Sessions ended: 1\./,
  )
  assert.match(shell(snippet('run: function')), /code: 'assertion_invalid'/)
})

test('T04 the page’s headers are believed behind the gateway and not on the public listener', () => {
  const curl = snippet('run', 'o-somebody-else')
  assert.equal(JSON.parse(shell(curl)).openid, 'o-somebody-else')
  assert.equal(JSON.parse(shell(curl.replace(String(ports[3]), String(ports[0])))).code, 'invalid_request')
})

test('the page’s lines for the mini program make a client', () => {
  const phone = "import { createFakeWx } from '@hufu/simulator/wx'\nglobalThis.wx = createFakeWx({ appId: 'wx1' }).wx\n"
  writeFileSync(join(scratch, 'phone.mjs'), phone)
  const clients = snippets.filter(({ mark }) => mark === 'run: client')
  assert.equal(clients.length, 2)
  clients.forEach(({ text }, at) => {
    const file = join(scratch, `client-${at}.mjs`)
    writeFileSync(file, `import './phone.mjs'\n${text}\nconsole.log(typeof hufu.login)\n`)
    assert.equal(execFileSync(process.execPath, [file], { env: environment(), encoding: 'utf8' }), 'function\n')
  })
})

test('both languages of the page have the same snippets and sections, and every snippet is run', () => {
  assert.deepEqual(snippetsOf(page('method-two.zh-CN.md')), snippets)
  assert.deepEqual(
    snippets.filter(({ mark }) => mark === undefined),
    [],
  )
  const shape = (name: string) => {
    const lines = readFileSync(page(name), 'utf8').split('\n')
    return {
      headings: lines.filter((line) => line.startsWith('#')).map((line) => line.replace(/[^#].*/, '')),
      rows: lines.filter((line) => line.startsWith('|')).map((line) => line.split('|').length),
      links: (lines.join(' ').match(/\]\([^)#]+\)/g) ?? []).filter((link) => !link.includes('method-two')).sort(),
    }
  }
  assert.deepEqual(shape('method-two.zh-CN.md'), shape('method-two.md'))
})
