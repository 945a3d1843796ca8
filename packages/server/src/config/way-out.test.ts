import assert from 'node:assert/strict'
import { test } from 'node:test'
import { config } from '../../test/fixture/config.ts'
import { wayToWeChat } from '../runtime/way-to-wechat.ts'
import { ConfigError, type Environment } from './config.ts'
import { readOptions } from './read-options.ts'

const way = (settings: Environment): string => wayToWeChat(config(settings))

test('C5 the way to WeChat is direct, by our own setting, or as the machine’s environment says', () => {
  const direct = 'https://api.weixin.qq.com directly'
  const office = 'https://api.weixin.qq.com through http://proxy.intra:3128'
  const HTTPS_PROXY = 'http://me:s3cret@proxy.intra:3128'
  for (const [settings, expected] of [
    [{}, direct],
    [{ HTTP_PROXY: 'http://other:1' }, direct],
    [{ HTTPS_PROXY }, office],
    [{ https_proxy: 'proxy.intra:3128' }, office],
    [{ https_proxy: 'proxy.intra:3128', HTTPS_PROXY: 'http://other:1' }, office],
    [{ HUFU_WECHAT_PROXY: HTTPS_PROXY }, office],
    [{ HUFU_WECHAT_PROXY: HTTPS_PROXY, HTTPS_PROXY: 'http://other:1', NO_PROXY: '*' }, office],
    [{ HUFU_WECHAT_PROXY: 'direct', HTTPS_PROXY }, direct],
    [{ HTTPS_PROXY, NO_PROXY: '*' }, direct],
    [{ HTTPS_PROXY, NO_PROXY: 'localhost, .weixin.qq.com' }, direct],
    [{ HTTPS_PROXY, no_proxy: 'qq.com:443' }, direct],
    [{ HTTPS_PROXY, NO_PROXY: '*.weixin.qq.com' }, direct],
    [{ HTTPS_PROXY, NO_PROXY: 'api2.weixin.qq.com,q.com,xin.qq.com' }, office],
    [{ HTTPS_PROXY: ' ', NO_PROXY: '' }, direct],
    [{ HUFU_WECHAT_HOST: 'hk.api.weixin.qq.com' }, 'https://hk.api.weixin.qq.com directly'],
    [
      { HUFU_WECHAT_HOST: 'api2.weixin.qq.com', HTTPS_PROXY, NO_PROXY: 'api.weixin.qq.com' },
      'https://api2.weixin.qq.com through http://proxy.intra:3128',
    ],
    [
      { HUFU_MODE: 'development', HUFU_WECHAT_BASE_URL: 'http://127.0.0.1:8789', HTTPS_PROXY },
      'http://127.0.0.1:8789 directly',
    ],
  ] as const) {
    assert.equal(way(settings), expected, JSON.stringify(settings))
  }
})

test('C5 T31 another host than WeChat’s own, or a proxy that cannot be one, stops the start and quotes nothing', () => {
  for (const [settings, names] of [
    [{ HUFU_WECHAT_HOST: 'api.weixin.qq.com.evil.example' }, 'HUFU_WECHAT_HOST'],
    [{ HUFU_WECHAT_HOST: 'API.weixin.qq.com:444' }, 'HUFU_WECHAT_HOST'],
    [{ HUFU_WECHAT_HOST: 'mp.weixin.qq.com' }, 'HUFU_WECHAT_HOST'],
    [{ HUFU_WECHAT_PROXY: 'socks5://me:s3cret@h:1' }, 'HUFU_WECHAT_PROXY'],
    [{ HUFU_WECHAT_PROXY: 'http://me:s3/cret@h:1' }, 'HUFU_WECHAT_PROXY'],
    [{ HTTPS_PROXY: 'http://me:s3cret@h:1/path' }, 'HUFU_WECHAT_PROXY'],
  ] as const) {
    assert.throws(
      () => config(settings),
      (error: Error) =>
        error instanceof ConfigError && error.message.startsWith(`${names}: `) && !/s3|evil|mp\./.test(error.message),
      JSON.stringify(settings),
    )
  }
})

test('C5 the library takes the same as options, and nothing from the environment', (t) => {
  process.env.HTTPS_PROXY = 'http://other:1'
  t.after(() => delete process.env.HTTPS_PROXY)
  const options = { masterKey: Buffer.alloc(32, 1).toString('base64'), issuer: 'https://x.example' }
  assert.equal(wayToWeChat(readOptions(options)), 'https://api.weixin.qq.com directly')
  assert.equal(
    wayToWeChat(readOptions({ ...options, wechatHost: 'sz.api.weixin.qq.com', wechatProxy: 'http://p.intra:3128' })),
    'https://sz.api.weixin.qq.com through http://p.intra:3128',
  )
})
