import type { Command } from 'commander'
import { pinoLog } from '../adapters/pino-log.ts'
import { wechatTransport } from '../adapters/wechat/transport.ts'
import { type Config, ConfigError, type Environment } from '../config/config.ts'
import { databaseName } from '../config/database-url.ts'
import { rawSetting } from '../config/raw-setting.ts'
import { newAct, OPERATOR } from '../domain/act.ts'
import { ProblemError } from '../domain/problem-error.ts'
import { type RunningServer, startServer } from '../runtime/start-server.ts'
import { configurationOf, givenSettings, isUnsaid } from './configuration.ts'
import { say } from './say.ts'
import { showLogins } from './show-logins.ts'
import { untilStopped } from './until-stopped.ts'
import { watchWeChat } from './watch-wechat.ts'

/** `hufu dev`: a server, a WeChat to talk to, and one login shown step by step. */
export function devCommand(program: Command, env: Environment): void {
  program
    .command('dev')
    .description('run a development server with a simulated WeChat, and show one login · 本地体验，无需 AppID')
    .action(() => runDev(env))
}

/** What holds in development unless it is said otherwise. */
const DEFAULTS = { HUFU_MODE: 'development', HUFU_LOG_LEVEL: 'warn' } as const

async function runDev(env: Environment): Promise<void> {
  const settings = givenSettings(env)
  const unsaid = Object.entries(DEFAULTS).filter(([name]) => isUnsaid(settings, name as keyof typeof DEFAULTS))
  const config = configurationOf({ ...settings, ...Object.fromEntries(unsaid) })
  if (config.mode !== 'development') {
    throw new ProblemError('server_misconfigured', 'hufu dev is for development. In production use: hufu serve')
  }
  const real = realApp(env)
  await (real ? devWithWeChat(config, real) : devWithSimulator(config))
}

interface RealApp {
  appId: string
  secret: string
}

/** @throws {ConfigError} */
function realApp(env: Environment): RealApp | undefined {
  const [appId, secret] = ['WECHAT_APP_ID', 'WECHAT_APP_SECRET'].map((name) => {
    const { text, problem } = rawSetting(name, env[name], {})
    if (problem !== undefined) throw new ConfigError(`${name}: ${problem}`)
    return text
  })
  if (!appId && !secret) return undefined
  if (appId && secret) return { appId, secret }
  throw new ConfigError('Set both WECHAT_APP_ID and WECHAT_APP_SECRET, or neither.')
}

async function devWithSimulator(config: Config): Promise<void> {
  const { createSimulator, demoWorld } = await loadSimulator()
  const simulator = createSimulator({ devCodes: true, codeSeed: `${Date.now()} ${process.pid}` })
  for (const app of demoWorld.apps) simulator.addApp(app)
  for (const person of demoWorld.people) simulator.addPerson(person)
  const wechat = await simulator.listen({ port: config.simulatorPort })
  const log = pinoLog(config.logLevel)
  const watched = watchWeChat(wechatTransport({ baseUrl: config.wechatBaseUrl ?? wechat.url }))
  const server = await startServer(config, { log, transport: watched.transport, onLogin: watched.onLogin })
  for (const { appId, kind, secret } of demoWorld.apps) {
    await server.service.putApp({ act: newAct(OPERATOR, Date.now(), 'dev'), appId, kind, secret })
  }

  sayAddresses(config, server, `simulated WeChat  ${wechat.url}   (control side: ${wechat.url}/_sim)`)
  await showLogins({
    server: server.address,
    watched,
    person: 'xiaoming',
    apps: demoWorld.apps.filter(({ kind }) => kind === 'miniprogram').map(({ appId }) => appId),
    codeFor: (appId, person) => simulator.login(appId, person),
  })
  say(
    'Keep it running and try · 保持运行，试一试：',
    `  curl -s ${server.address}/v1/login -H 'content-type: application/json' -d '{"appId":"${demoWorld.apps[0].appId}","code":"hufu-dev:xiaohong"}'`,
    '  In WeChat DevTools (tourist AppID, domain check off) wx.login codes work too · 开发者工具中可直接登录（关闭域名校验）',
    '  Ctrl+C stops · 按 Ctrl+C 停止',
  )
  await untilStopped(server, log)
  await wechat.close()
}

async function devWithWeChat(config: Config, { appId, secret }: RealApp): Promise<void> {
  const log = pinoLog(config.logLevel)
  const server = await startServer(config, { log })
  await server.service.putApp({ act: newAct(OPERATOR, Date.now(), 'dev'), appId, kind: 'miniprogram', secret })
  sayAddresses(config, server, 'WeChat            https://api.weixin.qq.com')
  say(
    await tryCredentials(server.address, appId),
    `Send a wx.login code of ${appId} to POST ${server.address}/v1/login · 等待真实登录…`,
  )
  await untilStopped(server, log)
}

/** A code that cannot exist tells whether WeChat knows the app: it refuses the code, or the app. */
async function tryCredentials(server: string, appId: string): Promise<string> {
  const reply = await fetch(`${server}/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ appId, code: `hufu-check-${Date.now()}` }),
  })
  const { code } = (await reply.json()) as { code?: string }
  switch (code) {
    case 'code_invalid':
      return `WeChat accepts ${appId} and its AppSecret · 微信已接受该 AppID 与 AppSecret`
    case 'server_misconfigured':
      return `WeChat refuses ${appId}: check WECHAT_APP_ID and WECHAT_APP_SECRET at mp.weixin.qq.com (and its IP allowlist); the log line above has the details · 微信拒绝了该应用，请核对 AppID、AppSecret 与 IP 白名单`
    case 'unavailable':
      return 'The database is away: the log line above has the details · 数据库不可用，详见上面的日志'
    default:
      return `WeChat could not be asked (${code ?? 'no answer'}): check that this machine reaches https://api.weixin.qq.com · 无法访问微信服务器`
  }
}

function sayAddresses(config: Config, server: RunningServer, wechat: string): void {
  say(
    '',
    'Hufu 虎符 · development · 开发模式',
    `  server            ${server.address}`,
    `  operators         ${server.adminAddress ?? 'off'}   (token in ${config.dataDir}/admin.token)`,
    ...(server.gatewayAddress ? [`  behind a gateway  ${server.gatewayAddress}   (believes x-wx-* headers)`] : []),
    `  ${wechat}`,
    `  database          ${databaseName(config.database)}`,
    '',
  )
}

async function loadSimulator() {
  try {
    return await import('@hufu/simulator')
  } catch (cause) {
    throw new ProblemError(
      'server_misconfigured',
      'hufu dev plays WeChat with @hufu/simulator: install it with `npm install --save-dev @hufu/simulator`, or set WECHAT_APP_ID and WECHAT_APP_SECRET.',
      { cause: cause as Error },
    )
  }
}
