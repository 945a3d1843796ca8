import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createSimulator, demoWorld } from '@hufu/simulator'
import type { HufuOptions } from 'hufu'

const [shop, club] = demoWorld.apps

/** What an application that mounts Hufu is given: a WeChat on a socket, and options to start on it with SQLite. */
export async function libraryWorld(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  const simulator = createSimulator({ seed: 'library' })
  for (const app of demoWorld.apps) simulator.addApp(app)
  for (const person of demoWorld.people) simulator.addPerson(person)
  const wechat = await simulator.listen()
  t.after(async () => {
    await wechat.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const options: HufuOptions = {
    mode: 'development',
    database: `file:${join(folder, 'hufu.db')}`,
    masterKey: randomBytes(32).toString('base64'),
    issuer: 'http://127.0.0.1',
    apps: [shop, club].map(({ appId, secret }) => ({ appId, secret })),
    wechatBaseUrl: wechat.url,
    logLevel: 'silent',
  }
  return { simulator, options }
}
