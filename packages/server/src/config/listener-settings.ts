import * as parse from './parsers.ts'
import { optional, setting, type Words } from './setting.ts'

const PORT: Words = { en: 'port; 0 takes any', zh: '端口；0 为任意空闲端口' }

/** Where the process listens, and who may come in by the admin listener. */
export const LISTENER_SETTINGS = {
  host: setting({
    name: 'HUFU_HOST',
    parse: parse.hostName,
    fallback: ({ development }) => (development ? '127.0.0.1' : '0.0.0.0'),
    meaning: { en: 'address of the public listener', zh: '公开端口监听的地址' },
  }),
  port: setting({
    name: 'HUFU_PORT',
    parse: parse.portNumber,
    fallback: '8787',
    unit: PORT,
    meaning: { en: 'the public listener', zh: '公开端口' },
  }),
  adminHost: setting({
    name: 'HUFU_ADMIN_HOST',
    parse: parse.hostName,
    fallback: '127.0.0.1',
    meaning: { en: 'address of the admin listener; not for the internet', zh: '管理端口监听的地址；不要暴露到公网' },
  }),
  adminPort: setting({
    name: 'HUFU_ADMIN_PORT',
    parse: parse.portNumber,
    fallback: '8788',
    unit: PORT,
    meaning: { en: 'the admin listener, never the public port', zh: '管理端口，不能与公开端口相同' },
  }),
  adminToken: optional({
    name: 'HUFU_ADMIN_TOKEN',
    parse: parse.adminToken,
    otherwise: {
      en: 'none: the listener is off (development: made in the data folder)',
      zh: '无：管理端口关闭（开发模式：自动生成于数据目录）',
    },
    secret: true,
    unit: { en: '22–512 characters, ≥ 128 random bits', zh: '22–512 个字符，≥ 128 随机位' },
    meaning: {
      en: 'opens the admin listener, as `Authorization: Bearer …`; letters, digits and `-._~+/`',
      zh: '管理端口的令牌，以 `Authorization: Bearer …` 发送；字母、数字和 `-._~+/`',
    },
  }),
  simulatorPort: setting({
    name: 'HUFU_SIMULATOR_PORT',
    parse: parse.portNumber,
    fallback: '8789',
    unit: PORT,
    meaning: { en: 'the simulated WeChat of `hufu dev`', zh: '`hufu dev` 的微信模拟器' },
  }),
}
