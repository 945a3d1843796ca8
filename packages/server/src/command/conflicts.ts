import type { ConflictReply, ConflictResolution, List } from '@hufu/contract'
import type { Command } from 'commander'
import { say, table } from './say.ts'
import type { WithAdmin } from './with-admin.ts'

/** `hufu conflicts …` */
export function conflictsCommand(program: Command, withAdmin: WithAdmin): void {
  const conflicts = program
    .command('conflicts')
    .description('people for whom WeChat now says another unionid · 待处理的身份冲突')
  conflicts
    .command('list')
    .description('list those not yet decided')
    .option('--all', 'also those decided')
    .action(async ({ all }: { all?: boolean }) => {
      const { items } = await withAdmin((admin) =>
        admin.call<List<ConflictReply>>('GET', all ? 'conflicts?all=true' : 'conflicts'),
      )
      if (items.length === 0) return say('No conflicts.')
      say(
        table(
          ['ID', 'APPID', 'OPENID', 'NEW UNIONID', 'USER', 'HELD BY', 'SEEN', 'DECISION'],
          items.map((one) => [
            one.id,
            one.appId,
            one.openid,
            one.unionid,
            one.userId,
            one.holderId ?? '-',
            String(one.count),
            one.decision ?? '-',
          ]),
        ),
      )
    })
  conflicts
    .command('resolve <id> <decision>')
    .description('keep: leave it is; accept: take the new unionid, and unify with whoever holds it')
    .action(async (id: string, decision: string) => {
      await withAdmin((admin) =>
        admin.call('POST', `conflicts/${encodeURIComponent(id)}/resolve`, { decision } satisfies ConflictResolution),
      )
      say(`Decided: ${decision}.`)
    })
}
