import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { goodBody } from './bad-answers.ts'
import { canary } from './canaries.ts'
import { always, rawServer } from './raw-server.ts'

const folder = import.meta.dirname
const readme = await readFile(join(folder, '../README.md'), 'utf8')
const snippets = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code)

/** Runs a snippet as a program of its own that finds its WeChat at `baseUrl`. */
async function run(snippet: string, baseUrl: string): Promise<string> {
  const place = await mkdtemp(join(folder, 'snippet-'))
  try {
    const program = snippet
      .replaceAll(
        'createCall()',
        `createCall((await import('@hufu/wechat')).fetchTransport({ baseUrl: '${baseUrl}' }))`,
      )
      .replaceAll('http://127.0.0.1:8789', baseUrl)
    await writeFile(join(place, 'main.ts'), program)
    const env = { ...process.env, WECHAT_APP_ID: 'wx4f4bc4dec97d474b', WECHAT_APP_SECRET: canary.secret }
    const child = spawn(process.execPath, ['-C', 'source', join(place, 'main.ts')], { env })
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
    return out + err
  } finally {
    await rm(place, { recursive: true })
  }
}

test('the first snippet of the README logs a person in, and names the reason when it cannot', async (t) => {
  const server = await rawServer(t, (socket, asked) => {
    const refused = '{"errcode":40029,"errmsg":"invalid code, rid: 66c69111-4157f271-729ca238"}'
    always(asked.query.get('js_code') === 'good' ? goodBody : refused)(socket, asked)
  })
  const asking = `${snippets[0]}\nconsole.log(await whoIs('good'))\nconsole.log(await whoIs('bad'))`
  const printed = await run(asking, server.baseUrl)
  assert.equal(printed, 'oGZUI0egBJY1zhBYw2KhdUfwVJJE ocMvos6NjeKLIBqg5Mr9QjxrP1FA\ncode_invalid\n')
})

test('the second snippet of the README asks WeChat something else', async (t) => {
  const server = await rawServer(t, always('{"errcode":0,"errmsg":"ok"}'))
  assert.equal(await run(snippets[1] ?? '', server.baseUrl), '')
  assert.equal(server.asked[0]?.path, '/sns/auth')
  assert.equal(snippets.length, 2)
})
