import type { AppChange, AppReply, List } from '@hufu/contract'
import type { Command } from 'commander'
import { noSuchApp } from '../domain/no-such.ts'
import { say } from './say.ts'
import type { WithAdmin } from './with-admin.ts'

const ACTS = ['list', 'add', 'remove'] as const
type Act = (typeof ACTS)[number]

/** `hufu app origins …`: which browser pages may call. */
export function appOriginsCommand(app: Command, withAdmin: WithAdmin): void {
  app
    .command('origins <appId> [act] [origin...]')
    .description('list, add or remove origins whose browser pages may call · 允许调用的网页来源 (list, add, remove)')
    .addHelpText(
      'after',
      '\n  hufu app origins wx… add https://shop.example\n  hufu app origins wx… remove https://shop.example',
    )
    .action((appId: string, raw: string = 'list', origins: string[] = []) => {
      const act = ACTS.find((one) => one === raw)
      if (act === undefined) return app.error(`Expected one of ${ACTS.join(', ')}.`, { exitCode: 2 })
      if (act === 'list' && origins.length > 0) return app.error('list takes no origins.', { exitCode: 2 })
      if (act !== 'list' && origins.length === 0) return app.error(`Name the origins to ${act}.`, { exitCode: 2 })
      return changeOrigins(withAdmin, { appId, act, origins })
    })
}

interface OriginsInput {
  appId: string
  act: Act
  origins: string[]
}

async function changeOrigins(withAdmin: WithAdmin, { appId, act, origins }: OriginsInput): Promise<void> {
  const left = await withAdmin(async (admin) => {
    const { items } = await admin.call<List<AppReply>>('GET', 'apps')
    const found = items.find((one) => one.appId === appId)
    if (!found) throw noSuchApp()
    if (act === 'list') return found.origins
    const others = found.origins.filter((origin) => !origins.includes(origin))
    const change: AppChange = { origins: act === 'add' ? [...others, ...origins] : others }
    const changed = await admin.call<AppReply>('PATCH', `apps/${encodeURIComponent(appId)}`, change)
    return changed.origins
  })
  if (left.length === 0) return say(`No browser page may call for ${appId}.`)
  say(`Pages that may call for ${appId}:`, ...left.map((origin) => `  ${origin}`))
}
