import type { List, UndoReply, UnificationReply } from '@hufu/contract'
import type { Command } from 'commander'
import { say, table } from './say.ts'
import type { WithAdmin } from './with-admin.ts'

/** `hufu unifications …` */
export function unificationsCommand(program: Command, withAdmin: WithAdmin): void {
  const unifications = program
    .command('unifications')
    .description('two users that turned out to be one person · 用户合并记录')
  unifications
    .command('list')
    .description('list them, newest first')
    .option('--after <id>', 'go on after this one')
    .action(async ({ after }: { after?: string }) => {
      const path = after ? `unifications?after=${encodeURIComponent(after)}` : 'unifications'
      const { items, next } = await withAdmin((admin) => admin.call<List<UnificationReply>>('GET', path))
      if (items.length === 0) return say('No unifications.')
      say(
        table(
          ['ID', 'SURVIVOR', 'ABSORBED', 'AT', 'UNDONE'],
          items.map((one) => [one.id, one.survivor, one.absorbed, one.createdAt, one.undoneAt ?? '-']),
        ),
      )
      if (next) say(`More: hufu unifications list --after ${next}`)
    })
  unifications
    .command('preview <id>')
    .description('what undoing it would do; changes nothing')
    .action(async (id: string) => {
      sayUndoing(
        await withAdmin((admin) => admin.call<UndoReply>('GET', `unifications/${encodeURIComponent(id)}/preview`)),
        'would be',
      )
    })
  unifications
    .command('undo <id>')
    .description('split the two users again and pin the identities that the unionid had joined')
    .action(async (id: string) => {
      sayUndoing(
        await withAdmin((admin) => admin.call<UndoReply>('POST', `unifications/${encodeURIComponent(id)}/undo`)),
        'is',
      )
    })
}

function sayUndoing({ survivor, restored, pinned }: UndoReply, verb: string): void {
  for (const side of [survivor, restored]) {
    say(`${side.id} ${verb} ${side.status}, unionid ${side.unionid ?? 'none'}, with:`)
    for (const { appId, openid } of side.identities) {
      const pin = pinned.some((one) => one.appId === appId && one.openid === openid) ? '  (pinned: stays apart)' : ''
      say(`  ${appId}  ${openid}${pin}`)
    }
  }
}
