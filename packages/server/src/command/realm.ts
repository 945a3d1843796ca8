import type { List, NewRealm, RealmReply } from '@hufu/contract'
import type { Command } from 'commander'
import { say, table } from './say.ts'
import type { WithAdmin } from './with-admin.ts'

/** `hufu realm …` */
export function realmCommand(program: Command, withAdmin: WithAdmin): void {
  const realm = program
    .command('realm')
    .description('user pools: the apps of one Open Platform account share one · 用户池')
  realm
    .command('add <id>')
    .description('add a realm')
    .option('--name <name>', 'a name for people')
    .action(async (id: string, { name }: { name?: string }) => {
      await withAdmin((admin) => admin.call('POST', 'realms', { id, name } satisfies NewRealm))
      say(`Added realm ${id}. Put an app into it with: hufu app add <appId> --realm ${id}`)
    })
  realm
    .command('list')
    .description('list the realms')
    .action(async () => {
      const { items } = await withAdmin((admin) => admin.call<List<RealmReply>>('GET', 'realms'))
      say(
        table(
          ['REALM', 'NAME'],
          items.map(({ id, name }) => [id, name]),
        ),
      )
    })
}
