import { createClient } from '@hufu/miniprogram'

export const hufu = createClient({
  server: 'http://127.0.0.1:8787',
  api: 'http://127.0.0.1:3000',
  appId: 'wx00000000000000a1',
  wx: uni,
})
