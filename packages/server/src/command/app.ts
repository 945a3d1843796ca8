import type { AppChange, AppReply, List, NewApp } from '@hufu/contract'
import type { Command } from 'commander'
import { APP_KINDS } from '../domain/app.ts'
import { appOriginsCommand } from './app-origins.ts'
import { askSecret } from './ask-secret.ts'
import { checkCredentials } from './check-credentials.ts'
import { say, table } from './say.ts'
import type { WithAdmin } from './with-admin.ts'

interface AddOptions {
  realm: string
  kind: string
  name?: string
  origin?: string[]
  secretFile?: string
  /** False after `--no-secret`. */
  secret: boolean
  /** False after `--no-check`. */
  check: boolean
}

const NO_CHECK = [
  '--no-check',
  'do not ask WeChat whether AppID and AppSecret fit · 不向微信核对 AppID 与 AppSecret',
] as const
const SECRET_FILE = '--secret-file <file>'
const SECRET_FILE_SAYS = 'read the AppSecret from a file; - or a pipe for standard input; otherwise it is asked for'

/** `hufu app …`; returns it, so that `cloud-key` can be put under it. */
export function appCommand(program: Command, withAdmin: WithAdmin): Command {
  const app = program.command('app').description('the apps whose users log in · 管理小程序等应用')

  app
    .command('add <appId>')
    .description('add an app; its AppSecret is asked for and never shown again')
    .option('--realm <realm>', 'the user pool it belongs to', 'default')
    .option('--kind <kind>', APP_KINDS.join(', '), 'miniprogram')
    .option('--name <name>', 'a name for people')
    .option('--origin <origin...>', 'browser pages that may call, such as https://shop.example')
    .option(SECRET_FILE, SECRET_FILE_SAYS)
    .option('--no-secret', 'without one: people come in through cloud functions or Cloud Run only · 只用云开发登录')
    .option(...NO_CHECK)
    .action((appId: string, options: AddOptions) => addApp(withAdmin, appId, options))

  app
    .command('list')
    .description('list the apps')
    .action(async () => {
      const { items } = await withAdmin((admin) => admin.call<List<AppReply>>('GET', 'apps'))
      if (items.length === 0) return say('No apps yet. Add one with: hufu app add <appId>')
      say(
        table(
          ['APPID', 'REALM', 'KIND', 'NAME', 'ORIGINS'],
          items.map((one) => [one.appId, one.realm, one.kind, one.name, one.origins.join(' ')]),
        ),
      )
    })

  app
    .command('remove <appId>')
    .description('remove an app that has no users')
    .action(async (appId: string) => {
      await withAdmin((admin) => admin.call('DELETE', `apps/${encodeURIComponent(appId)}`))
      say(`Removed ${appId}.`)
    })

  app
    .command('rotate-secret <appId>')
    .description('give an app its new AppSecret, after a reset at mp.weixin.qq.com')
    .option(SECRET_FILE, SECRET_FILE_SAYS)
    .option(...NO_CHECK)
    .action((appId: string, options: RotateOptions) => rotateSecret(withAdmin, appId, options))
  appOriginsCommand(app, withAdmin)
  return app
}

async function addApp(withAdmin: WithAdmin, appId: string, options: AddOptions): Promise<void> {
  const { realm, kind, name, origin: origins } = options
  const secret = options.secret ? await askSecret(`AppSecret of ${appId}`, options.secretFile) : undefined
  const checked = await withAdmin(async (admin) => {
    const app = { appId, secret, kind }
    const found =
      secret !== undefined && options.check
        ? await checkCredentials(admin, { ...app, secret }, 'Nothing was added; --no-check adds it all the same.')
        : undefined
    await admin.call('POST', 'apps', { ...app, realm, name, origins } satisfies NewApp)
    return found
  })
  say(`Added ${appId} to realm ${realm}.`)
  if (secret === undefined) return say(`Let a cloud function speak for its people: hufu app cloud-key add ${appId}`)
  say(
    checked ?? 'WeChat was not asked whether its AppSecret fits.',
    `A ${kind} logs in with: POST /v1/login {"appId": "${appId}", "code": …}`,
  )
}

interface RotateOptions {
  secretFile?: string
  check: boolean
}

async function rotateSecret(withAdmin: WithAdmin, appId: string, options: RotateOptions): Promise<void> {
  const secret = await askSecret(`New AppSecret of ${appId}`, options.secretFile)
  const checked = await withAdmin(async (admin) => {
    const { items } = await admin.call<List<AppReply>>('GET', 'apps')
    const kind = items.find((one) => one.appId === appId)?.kind
    const found =
      kind !== undefined && options.check
        ? await checkCredentials(
            admin,
            { appId, secret, kind },
            'Nothing was changed; --no-check changes it all the same.',
          )
        : undefined
    await admin.call('PATCH', `apps/${encodeURIComponent(appId)}`, { secret } satisfies AppChange)
    return found
  })
  say(`Changed. Every process uses the new AppSecret of ${appId} within a second.`, ...(checked ? [checked] : []))
}
