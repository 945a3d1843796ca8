import type { GatewayRules } from './http/cloud-run-caller.ts'

export const CLOUD_RUN_SETTINGS = [
  'HUFU_CLOUDRUN_PORT',
  'HUFU_CLOUDRUN_PUBLIC_ACCESS',
  'HUFU_CLOUDRUN_ENV',
  'HUFU_CLOUDRUN_APP_IDS',
  'HUFU_CLOUDRUN_FROM_APP_IDS',
  'HUFU_CLOUDRUN_SOURCES',
] as const

/** The listener behind the gateway of WeChat Cloud Run (微信云托管). */
export interface CloudRun {
  port: number
  rules: GatewayRules
}

/**
 * Believing a gateway's headers is safe only where nobody but the gateway can send any. One container port receives both
 * the gateway's traffic and the internet's, so every condition is asked for by name, and a missing one is said.
 *
 * @param wrong takes every problem, a line each
 */
export function readCloudRun(env: Readonly<Record<string, string | undefined>>, wrong: string[]): CloudRun | undefined {
  const given = CLOUD_RUN_SETTINGS.filter((name) => env[name] !== undefined && env[name] !== '')
  if (given.length === 0) return undefined
  const before = wrong.length
  const port = Number(env.HUFU_CLOUDRUN_PORT)
  if (!/^\d{1,5}$/.test(env.HUFU_CLOUDRUN_PORT ?? '') || port > 65_535) {
    wrong.push('HUFU_CLOUDRUN_PORT: required with the other HUFU_CLOUDRUN_* settings: the port of the container')
  }
  if (env.HUFU_CLOUDRUN_PUBLIC_ACCESS !== 'closed') {
    wrong.push(
      'HUFU_CLOUDRUN_PUBLIC_ACCESS: must say "closed", once public access (公网访问) is switched off in the console: while it is on, anybody can send x-wx-openid',
    )
  }
  const environment = env.HUFU_CLOUDRUN_ENV ?? ''
  if (!/^[\w-]{1,64}$/.test(environment)) wrong.push('HUFU_CLOUDRUN_ENV: expected the id of the cloud environment')
  else if (env.CBR_ENV_ID !== environment) {
    wrong.push(
      'HUFU_CLOUDRUN_ENV: is not CBR_ENV_ID, which WeChat Cloud Run sets; this process does not run where it is meant to',
    )
  }
  const appIds = list(env.HUFU_CLOUDRUN_APP_IDS)
  if (appIds.length === 0 || !appIds.every(isWord)) {
    wrong.push('HUFU_CLOUDRUN_APP_IDS: expected the AppIDs whose callers are believed, joined by commas')
  }
  const fromAppIds = list(env.HUFU_CLOUDRUN_FROM_APP_IDS)
  if (!fromAppIds.every(isWord)) wrong.push('HUFU_CLOUDRUN_FROM_APP_IDS: expected AppIDs joined by commas')
  const sources = env.HUFU_CLOUDRUN_SOURCES ? list(env.HUFU_CLOUDRUN_SOURCES) : ['wx_client']
  if (!sources.every((source) => ['wx_client', 'wx_devtools'].includes(source))) {
    wrong.push('HUFU_CLOUDRUN_SOURCES: expected wx_client, wx_devtools or both: no other source speaks for a person')
  }
  return wrong.length > before ? undefined : { port, rules: { environment, appIds, fromAppIds, sources } }
}

const list = (value: string | undefined): string[] =>
  (value ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')

const isWord = (value: string): boolean => /^[\w-]{1,64}$/.test(value)
