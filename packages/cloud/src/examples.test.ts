import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

const read = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8')
const readJson = async (path: string) => JSON.parse(await read(path))

test('the example function asks for this version of @hufu/cloud and for the SDK it was tested with', async () => {
  const { dependencies } = await readJson('examples/cloudfunction/package.json')
  const { version, devDependencies } = await readJson('packages/cloud/package.json')
  assert.deepEqual(dependencies, { '@hufu/cloud': version, 'wx-server-sdk': devDependencies['wx-server-sdk'] })
})

test('the example function asks WeChat for no permission and runs at no timer', async () => {
  const config = await readJson('examples/cloudfunction/config.json')
  assert.deepEqual(config, { permissions: { openapi: [] }, triggers: [] })
})

test('the example container runs this version of hufu, on the port that its configuration names', async () => {
  const docker = await read('examples/cloudrun/Dockerfile')
  const config = await readJson('examples/cloudrun/container.config.json')
  const { version } = await readJson('packages/server/package.json')
  assert.match(docker, new RegExp(`\\bhufu@${version.replaceAll('.', '\\.')}\\b`))
  assert.match(docker, new RegExp(`HUFU_CLOUDRUN_PORT=${config.containerPort}\\b`))
})

test('T04: the example container does not claim by itself that the internet is kept out', async () => {
  for (const name of ['Dockerfile', 'container.config.json']) {
    const said = (await read(`examples/cloudrun/${name}`)).replace(/^\s*#.*$/gm, '')
    assert.doesNotMatch(said, /HUFU_CLOUDRUN_PUBLIC_ACCESS/)
  }
})
