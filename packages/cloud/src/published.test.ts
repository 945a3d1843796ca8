import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

// The package as it is published, compiled and installed in a folder of its own beside nothing but its peer.
const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const tsc = (...words: string[]) => run(join(root, 'node_modules', '.bin', 'tsc'), words)
let project: string
let dist: string

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'hufu-cloud-'))
  const installed = join(project, 'node_modules', '@hufu', 'cloud')
  dist = join(installed, 'dist')
  await mkdir(installed, { recursive: true })
  await cp(join(root, 'packages/cloud/package.json'), join(installed, 'package.json'))
  await symlink(await realpath(join(root, 'node_modules/wx-server-sdk')), join(project, 'node_modules/wx-server-sdk'))
  await tsc('-p', join(root, 'packages/cloud'), '--outDir', dist)
})
after(() => rm(project, { recursive: true, force: true }))

test('require() and import both find createLogin and whoami', async () => {
  const names = `[createLogin, whoami, ProblemError].map((f) => f.name).join()`
  const { stdout: required } = await run(process.execPath, [
    '-e',
    `const { createLogin, whoami, ProblemError } = require(${JSON.stringify(join(project, 'node_modules/@hufu/cloud'))}); console.log(${names})`,
  ])
  await writeFile(
    join(project, 'esm.mjs'),
    `import { createLogin, whoami, ProblemError } from '@hufu/cloud'; console.log(${names})`,
  )
  const { stdout: imported } = await run(process.execPath, [join(project, 'esm.mjs')])
  assert.equal(required.trim(), 'createLogin,whoami,ProblemError')
  assert.equal(imported, required)
})

test('the compiled package needs nothing but Node and wx-server-sdk, under names that Node 12 knows', async () => {
  const files = (await readdir(dist)).filter((name) => name.endsWith('.js'))
  const needed = new Set<string>()
  for (const name of files) {
    const text = await readFile(join(dist, name), 'utf8')
    for (const [, wanted = ''] of text.matchAll(/require\("([^"]+)"\)/g)) needed.add(wanted)
    assert.doesNotMatch(text, /\?\?|\?\.[^\d]|#\w+\s*[;=(]|\.(at|replaceAll|hasOwn|flat)\(/, name)
  }
  const outside = [...needed].filter((wanted) => !wanted.startsWith('./') && !builtinModules.includes(wanted))
  assert.deepEqual(outside, ['wx-server-sdk'])
  const own = JSON.parse(await readFile(join(root, 'packages/cloud/package.json'), 'utf8'))
  assert.equal(own.dependencies, undefined)
})

test('its types hold for CommonJS and for ES modules, with no other package installed', async () => {
  const use = `import { createLogin, whoami, type LoginResult } from '@hufu/cloud'
    export const main: (event: object, context: object) => Promise<LoginResult> =
      createLogin({ server: process.env.HUFU_SERVER, key: process.env.HUFU_CLOUD_KEY, sources: ['wx_client'] })
    export const who: { openid: string; unionid: string | null; appid: string } = whoami({ appIds: ['wx1'] })
    // @ts-expect-error a timer has no caller
    whoami({ appIds: ['wx1'], sources: ['wx_trigger'] })
    export async function token() {
      const result = await main({}, {})
      // @ts-expect-error a result may be a problem
      result.accessToken
      return 'problem' in result ? result.problem.code === 'rate_limited' : result.user.id.length > 0
    }`
  const env = 'declare const process: { env: Record<string, string | undefined> }\n'
  await writeFile(join(project, 'use.mts'), env + use)
  await writeFile(join(project, 'use.cts'), env + use)
  const options = { module: 'nodenext', target: 'es2022', strict: true, noEmit: true, types: [], skipLibCheck: true }
  await writeFile(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['use.mts', 'use.cts'] }),
  )
  await tsc('-p', project)
})
