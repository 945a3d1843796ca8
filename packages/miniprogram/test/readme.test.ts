import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { createFakeWx } from '@hufu/simulator/wx'
import { parse } from 'acorn'
import { root } from '../build/compile.mts'
import { limits } from '../build/emit.mts'
import { explain } from '../src/explain.ts'
import * as sdk from '../src/index.ts'
import { newPhone } from './phone.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
/** A block as the body of an async function, given what it would import. */
const run = (block: string, given: object): Promise<unknown> =>
  runInNewContext(`(async () => { ${block.replace(/^import .*$/gm, '').replace(/^export /gm, '')} })()`, given)

test('every snippet of the README is JavaScript', () => {
  assert.equal(blocks.length, 5)
  for (const block of blocks) parse(block, { ecmaVersion: 2022, sourceType: 'module' })
})

test('the first lines of the README sign in and fetch orders from the product’s own back end, in both languages', async () => {
  const starts = blocks.filter((block) => block.includes("url: '/orders' }) //"))
  assert.equal(starts.length, 2)
  for (const start of starts) {
    const sent: string[] = []
    const phone = await newPhone({
      between: ({ url, body, ...request }, pass) => {
        sent.push(url)
        const plain = String(body ?? '{}').replace('wx0123456789abcdef', 'wx1')
        return pass({ url, ...request, body: plain })
      },
    })
    const { createClient } = phone.load()
    await phone.wait(run(start, { createClient }))
    assert.deepEqual(sent, ['https://id.example.com/v1/login', 'https://shop.example.com/orders'])
  }
})

test('the README’s test of an app runs and prints what it says', async () => {
  const phone = await newPhone()
  const snippet = blocks.find((block) => block.includes('createFakeWx')) ?? ''
  const printed: unknown[] = []
  await run(snippet, {
    createClient: sdk.createClient,
    createFakeWx: (options: object) => createFakeWx({ appId: 'wx1', codes: () => 'mei#1', ...options }),
    myServer: phone.hufu.respond,
    console: { log: (...words: unknown[]) => printed.push(words) },
  })
  assert.deepEqual(printed, [['login_failed'], ['usr_mei', 2]])
})

test('the README lists every reason of an error, and the development build explains each', () => {
  const section = readme.slice(readme.indexOf('## 出错'), readme.indexOf('## 时序上的保证'))
  const listed = [...section.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1])
  const types = readFileSync(join(root, 'src', 'types.ts'), 'utf8')
  const union = /export type HufuErrorCode =([^\n]*\n(?: {2}\| '\w+'\n?)+)/.exec(types)?.[1] ?? ''
  const codes = [...union.matchAll(/'(\w+)'/g)].map((match) => match[1])
  assert.deepEqual([...listed].filter((code) => code !== 'code').sort(), [...codes].sort())
  for (const code of codes as sdk.HufuErrorCode[]) {
    const error = Object.assign(new Error('短'), { name: 'HufuError' as const, code })
    assert.ok(explain(error).message.length > 20)
    assert.ok(readme.slice(readme.indexOf('# English')).includes(`\`${code}\``), code)
  }
})

test('the README names every option and promises the sizes that the build checks', () => {
  const section = readme.slice(readme.indexOf('## 选项'), readme.indexOf('## 出错'))
  for (const option of ['server', 'appId', 'api', 'headers', 'dev', 'cloud', 'wx'])
    assert.match(section, new RegExp(`\\| \`${option}\``))
  assert.match(readme, new RegExp(`\`@hufu/miniprogram\` +\\| ≤ ${(limits.index ?? 0) / 1024} KiB`))
  assert.match(readme, new RegExp(`\`@hufu/miniprogram/core\` +\\| ≤ ${(limits.core ?? 0) / 1024} KiB`))
})
