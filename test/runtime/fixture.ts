import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FakeWxOptions } from '@hufu/simulator/wx'
import { createApp } from '../../examples/express-backend/app.ts'
import { type ExampleConfig, packExample } from './example.ts'
import { startHufu } from './hufu.ts'
import type { Program } from './pack.ts'
import { launchBrowser, openPhone, type Phone } from './phone.ts'

export type Fixture = Awaited<ReturnType<typeof startFixture>>

/** Everything behind a phone: Hufu, its WeChat, the product's back end, and the browser that phones are made of. */
export async function startFixture() {
  const hufu = await startHufu()
  const { url: issuer, audience, now } = hufu
  const shop: Server = createApp({ issuer, audience, now }, { demo: true }).listen(0, '127.0.0.1')
  await once(shop, 'listening')
  const api = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
  const browser = await launchBrowser()
  /** Runs a program on somebody's phone. */
  const run = (program: Program, wx: FakeWxOptions): Promise<Phone> => {
    if (program.warnings.length > 0) throw new Error(program.warnings.join('\n'))
    return openPhone(browser, program, { simulatorUrl: hufu.simulatorUrl, ...wx })
  }
  return {
    hufu,
    api,
    run,
    /** Runs the example mini program. */
    open: async (wx: FakeWxOptions, config: Partial<ExampleConfig> = {}): Promise<Phone> =>
      run(await packExample({ server: hufu.url, api, ...config }), wx),
    async close() {
      await browser.close()
      shop.close()
      await hufu.stop()
    },
  }
}
