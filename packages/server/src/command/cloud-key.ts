import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import type { CloudKeyReply, EndedSessionsReply, List, NewCloudKey } from '@hufu/contract'
import { type Command, Option } from 'commander'
import { ProblemError } from '../domain/problem-error.ts'
import { say, table } from './say.ts'
import type { WithAdmin } from './with-admin.ts'

const CHOICES = `
  --unionid trust    the unionids it vouches for count in full: they attach, link and unify users of the whole realm.
                     Choose it when this cloud environment is as well guarded as this server.
                     它说的 unionid 完全算数：会补全、关联、合并整个用户池里的用户。云环境与本服务器同样可靠时选它。
  --unionid ignore   only the openid counts; a unionid in the assertion changes nothing.
                     只认 openid；断言里的 unionid 不起任何作用。

  Whoever holds the private key can speak for any openid of this app. The server keeps the public half only.
  私钥持有者可以代表该应用的任何用户登录；服务器只保存公钥。`

interface AddOptions {
  unionid: string
  algorithm: string
  out?: string
}

/** `hufu app cloud-key …` */
export function cloudKeyCommand(app: Command, withAdmin: WithAdmin): void {
  const keys = app
    .command('cloud-key')
    .description('keys with which cloud functions vouch for their callers · 云函数登录密钥')
  keys
    .command('add <appId>')
    .description('make a key pair; prints the private half once')
    .addOption(
      new Option('--unionid <choice>', 'what its word on unionids is worth; there is no default')
        .choices(['trust', 'ignore'])
        .makeOptionMandatory(),
    )
    .addOption(new Option('--algorithm <name>', 'of the key').choices(['EdDSA', 'ES256']).default('EdDSA'))
    .option('--out <file>', 'write the private key to this new file (0600) instead of printing it')
    .addHelpText('after', CHOICES)
    .showHelpAfterError()
    .action((appId: string, options: AddOptions) => addKey(withAdmin, appId, options))
  keys
    .command('list [appId]')
    .description('list the keys')
    .action(async (appId?: string) => {
      const path = appId === undefined ? 'cloud-keys' : `cloud-keys?appId=${encodeURIComponent(appId)}`
      const { items } = await withAdmin((admin) => admin.call<List<CloudKeyReply>>('GET', path))
      if (items.length === 0) return say('No cloud keys. Make one with: hufu app cloud-key add <appId>')
      say(
        table(
          ['KEY', 'APPID', 'UNIONID', 'ALGORITHM', 'MADE', 'REVOKED'],
          items.map((key) => [key.id, key.appId, key.unionid, key.algorithm, key.createdAt, key.revokedAt ?? '-']),
        ),
      )
    })
  keys
    .command('revoke <key>')
    .description('take a key out of use, at once and everywhere')
    .option('--end-sessions', 'also end every session that came through it')
    .action(async (key: string, { endSessions }: { endSessions?: boolean }) => {
      const path = `cloud-keys/${encodeURIComponent(key)}${endSessions ? '?endSessions=true' : ''}`
      const { ended } = await withAdmin((admin) => admin.call<EndedSessionsReply>('DELETE', path))
      say(`Revoked ${key}.${endSessions ? ` Sessions ended: ${ended}.` : ''}`)
    })
}

async function addKey(withAdmin: WithAdmin, appId: string, { unionid, algorithm, out }: AddOptions): Promise<void> {
  const { publicKey, privateKey } =
    algorithm === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicJwk = JSON.stringify(publicKey.export({ format: 'jwk' }))
  await keepAt(out, async () => {
    const { id } = await withAdmin((admin) =>
      admin.call<CloudKeyReply>('POST', 'cloud-keys', { appId, unionid, publicJwk } satisfies NewCloudKey),
    )
    const where = out === undefined ? 'The line on standard output' : `The content of ${out}`
    process.stderr.write(
      `Added ${id}. ${where} is the private key: put it into HUFU_CLOUD_KEY of the cloud function. It is not shown again.\n私钥只出现这一次：填进云函数的环境变量 HUFU_CLOUD_KEY。\n`,
    )
    return privateText(privateKey, id)
  })
}

/** The private JWK with the id that the server gave it, without a sign that a console or a shell would trip over. */
const privateText = (key: KeyObject, kid: string): string =>
  Buffer.from(JSON.stringify({ ...key.export({ format: 'jwk' }), kid })).toString('base64url')

/** Opens the file before there is anything to lose: a key whose private half has no place must not be added. */
async function keepAt(file: string | undefined, make: () => Promise<string>): Promise<void> {
  if (file === undefined) return say(await make())
  const opened = openNew(file)
  try {
    writeSync(opened, `${await make()}\n`)
  } catch (error) {
    rmSync(file)
    throw error
  } finally {
    closeSync(opened)
  }
}

function openNew(file: string): number {
  try {
    return openSync(file, 'wx', 0o600)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ProblemError('invalid_request', `${file} cannot be made (${code}); no key was added.`)
  }
}
