import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePorts, repository, start } from './running-server.ts'
import { snippetsOf } from './snippets.ts'

const snippets = snippetsOf(join(repository, 'packages/simulator/README.md'))
const textOf = (part: string): string =>
  snippets.find(({ text }) => text.includes(part))?.text ?? assert.fail(`the README has no snippet with ${part}`)

const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...rest } = process.env
const env = { ...rest, PATH: `${join(repository, 'node_modules', '.bin')}:${rest.PATH}` }

test('the commands of the simulator’s README start it and drive it', async (t) => {
  const [port] = await freePorts(1)
  const command = textOf('npx hufu-simulator --demo').replace('npx hufu-simulator', `hufu-simulator --port ${port}`)
  const running = await start('bash', ['-c', command], { cwd: repository, env, until: /127\.0\.0\.1/ })
  t.after(() => running.stop())
  const [before = '', after = ''] = textOf('/_sim/apps -d').split(/^(?=curl "\$S\/sns\/jscode2session)/m)
  const sh = (lines: string): string =>
    execFileSync('bash', ['-euo', 'pipefail', '-c', lines.replaceAll('curl ', 'curl -sf ')], { env, encoding: 'utf8' })
  const setting = before.replace(':8789', `:${port}`)
  const code = /"code":"(\w+)"/.exec(sh(setting))?.[1] ?? assert.fail('no code')
  const said = sh(`S=http://127.0.0.1:${port}\n${after.replace('<code>', code)}`)
  assert.match(said, /"session_key":"[^"]+","openid":"o[\w-]{27}"/)
  assert.match(said, /"openAccount":null/)
  assert.ok(said.includes('drop-after-redeem') && said.includes('/sns/jscode2session'))
  assert.ok(!said.includes('secret=s&'))
})

test('the test of the simulator’s README does what its comments say', (t) => {
  const scratch = join(repository, '.artefacts', `simulator-${process.pid}`)
  mkdirSync(scratch, { recursive: true })
  t.after(() => rmSync(scratch, { recursive: true, force: true }))
  const whole = textOf("createSimulator({ seed: 'my test'")
  const redeemed = `const redeemed = await (await fetch(url + '/sns/jscode2session?appid=wx1&secret=s&js_code=' + code + '&grant_type=authorization_code')).json()
    console.log(redeemed.openid === wechat.openid('wx1', 'mei'))\n`
  const file = join(scratch, 'in-a-test.mts')
  writeFileSync(
    file,
    whole.replace(/^\/\/ … let your server.*\n/m, () => redeemed),
  )
  assert.match(execFileSync(process.execPath, ['-C', 'source', file], { env, encoding: 'utf8' }), /^true\n$/)
})
