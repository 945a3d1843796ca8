import type { KeyReply, List, NewKeyOf } from '@hufu/contract'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { say, table } from './say.ts'
import type { WithAdmin } from './with-admin.ts'

const STATES = `
  next        published, and not used yet: whoever checks tokens knows it before the first comes
  signing     makes tokens
  verifying   makes none any more; its own are good until they expire, and then it is retired by itself
  retired     nothing of it is accepted
  next 已发布未启用 · signing 正在签发 · verifying 只验证已签发的令牌，到期后自动停用 · retired 已停用`

const AT_ONCE = `
  For a key that leaked. Access tokens of a signing key are refused at once, and clients renew them by themselves; people whose
  refresh token is of a retired refresh key log in again. Where only published keys are checked it counts within a minute.
  用于密钥泄露：该密钥签发的令牌立即失效；只按公钥验证的后端一分钟内生效。`

/** `hufu keys …` */
export function keysCommand(program: Command, withAdmin: WithAdmin): void {
  const keys = program.command('keys').description('the keys that tokens are made with · 令牌密钥')
  keys
    .command('list')
    .description('list them with their states · 列出')
    .addHelpText('after', STATES)
    .action(async () => {
      const { items } = await withAdmin((admin) => admin.call<List<KeyReply>>('GET', 'keys'))
      say(
        table(
          ['KEY', 'PURPOSE', 'ALGORITHM', 'STATE', 'SIGNS FROM', 'RETIRED', 'KID'],
          items.map((key) => [
            String(key.id),
            key.purpose,
            key.algorithm,
            key.state,
            key.signsFrom.slice(0, 19),
            key.retiredAt?.slice(0, 19) ?? '-',
            key.kid?.slice(0, 12) ?? '-',
          ]),
        ),
      )
    })
  keys
    .command('rotate')
    .description('make a new key, which takes over in a minute; nobody is signed out · 轮换')
    .addOption(
      new Option('--purpose <purpose>', 'of access or of refresh tokens')
        .choices(['signing', 'refresh'])
        .default('signing'),
    )
    .action(async ({ purpose }: { purpose: string }) => {
      const key = await withAdmin((admin) =>
        admin.call<KeyReply>('POST', 'keys/rotate', { purpose } satisfies NewKeyOf),
      )
      say(`Made key ${key.id} (${key.algorithm}). It makes tokens from ${key.signsFrom} on · 已生成，届时启用`)
    })
  keys
    .command('retire <key>')
    .description('end a key at once, everywhere · 立即停用')
    .addHelpText('after', AT_ONCE)
    .action(async (key: string) => {
      if (!/^\d{1,9}$/.test(key)) throw new InvalidArgumentError('A key is named by its number: hufu keys list.')
      await withAdmin((admin) => admin.call<KeyReply>('POST', `keys/${key}/retire`))
      say(`Retired key ${key}. No process accepts a token of it any more · 已停用`)
    })
}
