// Compiled against the published package in a strict project; the test beside it says with which settings.
import {
  type Client,
  createClient,
  type HufuError,
  isHufuError,
  type RequestOptions,
  type User,
} from '@hufu/miniprogram'
import { createClient as createCoreClient } from '@hufu/miniprogram/core'
import { createClient as createDevClient } from '@hufu/miniprogram/dev'

const client: Client = createClient({ server: 'https://hufu.example', appId: 'wx1', wx })
createClient({ server: 'https://hufu.example', appId: 'wx1' })
createClient({
  server: { develop: 'http://127.0.0.1:8787', trial: 'https://t', release: 'https://r' },
  appId: 'wx1',
  dev: { person: 'mei' },
})
createClient({ cloud: { function: 'hufu-login' } })
createClient({ cloud: { service: 'hufu', env: 'prod-1' }, api: 'https://shop.example', headers: { 'X-App': '1' } })
createCoreClient({
  server: 'https://hufu.example',
  appId: 'wx1',
  headers: (request) => ({ 'X-To': request.to ?? 'api' }),
})
createDevClient({ server: 'https://hufu.example', appId: 'wx1' })

interface Order {
  id: string
}

App({
  async onLaunch() {
    try {
      const user: User = await client.login()
      const reply = await client.request<Order[]>({ url: '/orders', method: 'POST', data: { pears: 3 }, timeout: 5000 })
      const first: string | undefined = reply.data[0]?.id
      console.log(user.id, user.unionid, reply.statusCode, reply.header['x-total'], first)
    } catch (error) {
      if (isHufuError(error) && error.code === 'busy') console.log(error.retryAfter, error.requestId)
    }
  },
})

const off: () => void = client.onChange((user) => console.log(user?.formerIds))
off()
const nobody: User | null = client.user()
client.logout().then(() => console.log(nobody))

// Everything that wx.request takes, except its callbacks, can be passed on.
type Passed = Omit<WechatMiniprogram.RequestOption, 'success' | 'fail' | 'complete' | 'header' | 'dataType'>
declare const passed: Passed
const options: RequestOptions = passed as Pick<Passed, keyof Passed & keyof RequestOptions>
client.request({ ...options, onTask: (task) => (task as WechatMiniprogram.RequestTask).abort() })
const missing: Exclude<keyof Passed, keyof RequestOptions> extends never ? true : false = true
console.log(missing)

// @ts-expect-error without a way in there is nobody to sign in
createClient({ appId: 'wx1' })
// @ts-expect-error a simulated person and the cloud exclude each other
createClient({ cloud: { function: 'f' }, dev: { person: 'mei' } })
// @ts-expect-error all three versions need an address
createClient({ server: { develop: 'http://127.0.0.1' }, appId: 'wx1' })
// @ts-expect-error the smaller entry has no cloud
createCoreClient({ cloud: { function: 'f' } })
// @ts-expect-error no mini-program platform sends PATCH
client.request({ url: '/orders', method: 'PATCH' })
// @ts-expect-error a promise, not callbacks
client.request({ url: '/orders', success() {} })
// @ts-expect-error not one of the reasons
const code: HufuError['code'] = 'unknown'
console.log(code)
