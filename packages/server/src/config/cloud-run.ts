import type { GatewayRules } from '../http/cloud-run-caller.ts'
import { hostName, oneOf, portNumber } from './parsers.ts'
import { type Setting, setting } from './setting.ts'

/** The listener behind the gateway of WeChat Cloud Run (微信云托管). */
export interface CloudRun {
  host: string
  port: number
  rules: GatewayRules
}

/**
 * Believing a gateway's headers is safe only where nobody but the gateway can send any. One container port receives both
 * the gateway's traffic and the internet's, so every condition is asked for by name, and a missing one is said.
 */
export const CLOUD_RUN_SETTINGS = {
  cloudRunPort: setting({
    name: 'HUFU_CLOUDRUN_PORT',
    parse: orElse(portNumber, 'required with the other HUFU_CLOUDRUN_* settings: the port of the container'),
    fallback: '',
    cloudRun: true,
    unit: { en: 'port', zh: '端口' },
    meaning: {
      en: 'the listener behind the gateway; the container’s port, and no other listener’s',
      zh: '网关后面的监听端口：容器端口，不能与其他端口相同',
    },
  }),
  cloudRunHost: setting({
    name: 'HUFU_CLOUDRUN_HOST',
    parse: hostName,
    fallback: ({ host }) => host,
    otherwise: { en: 'as `HUFU_HOST`', zh: '同 `HUFU_HOST`' },
    cloudRun: true,
    meaning: { en: 'address of that listener', zh: '该监听的地址' },
  }),
  cloudRunPublicAccess: setting({
    name: 'HUFU_CLOUDRUN_PUBLIC_ACCESS',
    parse: orElse(
      oneOf(['closed']),
      'must say "closed", once public access (公网访问) is switched off in the console: while it is on, anybody can send x-wx-openid',
    ),
    fallback: '',
    cloudRun: true,
    meaning: {
      en: '`closed`, once public access (公网访问) is switched off in the console',
      zh: '在控制台关闭公网访问后填 `closed`',
    },
  }),
  cloudRunEnvironment: setting({
    name: 'HUFU_CLOUDRUN_ENV',
    parse(value, { cloudRunEnvironment }) {
      if (!isWord(value)) throw new TypeError('expected the id of the cloud environment')
      if (cloudRunEnvironment === value) return value
      throw new TypeError(
        'is not CBR_ENV_ID, which WeChat Cloud Run sets; this process does not run where it is meant to',
      )
    },
    fallback: '',
    cloudRun: true,
    meaning: {
      en: 'id of the cloud environment; must equal `CBR_ENV_ID`, which the platform sets, and `x-wx-env` of every login',
      zh: '云环境 id；须与平台设置的 `CBR_ENV_ID` 及每次登录的 `x-wx-env` 一致',
    },
  }),
  cloudRunAppIds: setting({
    name: 'HUFU_CLOUDRUN_APP_IDS',
    parse(value) {
      const appIds = list(value)
      if (appIds.length > 0 && appIds.every(isWord)) return appIds
      throw new TypeError('expected the AppIDs whose callers are believed, joined by commas')
    },
    fallback: '',
    cloudRun: true,
    unit: { en: 'AppIDs joined by commas', zh: '逗号分隔的 AppID' },
    meaning: { en: 'the apps that own the environment', zh: '拥有该环境的应用' },
  }),
  cloudRunFromAppIds: setting({
    name: 'HUFU_CLOUDRUN_FROM_APP_IDS',
    parse(value) {
      const appIds = list(value)
      if (appIds.every(isWord)) return appIds
      throw new TypeError('expected AppIDs joined by commas')
    },
    fallback: '',
    otherwise: { en: 'none', zh: '无' },
    cloudRun: true,
    unit: { en: 'AppIDs joined by commas', zh: '逗号分隔的 AppID' },
    meaning: { en: 'the apps that borrow the environment (资源复用)', zh: '通过资源复用使用该环境的应用' },
  }),
  cloudRunSources: setting({
    name: 'HUFU_CLOUDRUN_SOURCES',
    parse(value) {
      const sources = list(value)
      if (sources.length > 0 && sources.every((one) => one === 'wx_client' || one === 'wx_devtools')) return sources
      throw new TypeError('expected wx_client, wx_devtools or both: no other source speaks for a person')
    },
    fallback: 'wx_client',
    cloudRun: true,
    meaning: {
      en: '`wx_client`; `wx_client,wx_devtools` lets the DevTools simulator in',
      zh: '`wx_client`；`wx_client,wx_devtools` 允许开发者工具模拟器',
    },
  }),
}

/** @param read reads one setting; problems go where it keeps them, and `undefined` comes back for these */
export function readCloudRun(read: <Value>(row: Setting<Value>) => Value): CloudRun {
  const port = read(CLOUD_RUN_SETTINGS.cloudRunPort)
  read(CLOUD_RUN_SETTINGS.cloudRunPublicAccess) // a promise of the operator's: only that it was made matters
  return {
    port,
    host: read(CLOUD_RUN_SETTINGS.cloudRunHost),
    rules: {
      environment: read(CLOUD_RUN_SETTINGS.cloudRunEnvironment),
      appIds: read(CLOUD_RUN_SETTINGS.cloudRunAppIds),
      fromAppIds: read(CLOUD_RUN_SETTINGS.cloudRunFromAppIds),
      sources: read(CLOUD_RUN_SETTINGS.cloudRunSources),
    },
  }
}

function orElse<Value>(parse: (value: string) => Value, expected: string): (value: string) => Value {
  return (value) => {
    try {
      return parse(value)
    } catch {
      throw new TypeError(expected)
    }
  }
}

const list = (value: string): string[] =>
  value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')

const isWord = (value: string): boolean => /^[\w-]{1,64}$/.test(value)
