import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { say, table } from './say.ts'
import type { WithAdmin } from './with-admin.ts'

interface CloudKeyReply {
  id: string
  appId: string
  unionid: string
  algorithm: string
  createdAt: string
  revokedAt: string | null
}

const CHOICES = `
  --unionid trust    the unionids it vouches for count in full: they attach, link and unify users of the whole realm.
                     Choose it when this cloud environment is as well guarded as this server.
  --unionid ignore   only the openid counts; a unionid in the assertion changes nothing.

  Whoever holds the private key can speak for any openid of this app. The server keeps the public half only.
  私钥持有者可以代表该应用的任何用户登录；服务器只保存公钥。`

export function cloudKeyCommands(app: Command, withAdmin: WithAdmin): void {
  const keys = app
    .command('cloud-key')
    .description('keys with which cloud functions vouch for their callers · 云函数登录密钥')
  keys
    .command('add <appId>')
    .description('make a key pair; prints the private half once')
    .addOption(
      new Option('--unionid <choice>', 'what its word on unionids is worth')
        .choices(['trust', 'ignore'])
        .makeOptionMandatory(),
    )
    .addOption(new Option('--algorithm <name>', 'of the key').choices(['EdDSA', 'ES256']).default('EdDSA'))
    .option('--out <file>', 'write the private key to this file (0600) instead of printing it')
    .addHelpText('after', CHOICES)
    .action(
      async (appId: string, { unionid, algorithm, out }: { unionid: string; algorithm: string; out?: string }) => {
        const pair =
          algorithm === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
        const publicJwk = JSON.stringify(pair.publicKey.export({ format: 'jwk' }))
        const { id } = await withAdmin((admin) =>
          admin.call<CloudKeyReply>('POST', 'cloud-keys', { appId, unionid, publicJwk }),
        )
        const secret = Buffer.from(JSON.stringify({ ...pair.privateKey.export({ format: 'jwk' }), kid: id })).toString(
          'base64url',
        )
        if (out === undefined) say(secret)
        else writeFileSync(out, `${secret}\n`, { mode: 0o600, flag: 'wx' })
        const where = out === undefined ? 'The line above' : `The content of ${out}`
        process.stderr.write(
          `Added ${id}. ${where} is the private key: put it into HUFU_CLOUD_KEY of the cloud function. It is not shown again.\n`,
        )
      },
    )
  keys
    .command('list [appId]')
    .description('list the keys')
    .action(async (appId?: string) => {
      const path = appId === undefined ? 'cloud-keys' : `cloud-keys?appId=${encodeURIComponent(appId)}`
      const { items } = await withAdmin((admin) => admin.call<{ items: CloudKeyReply[] }>('GET', path))
      if (items.length === 0) return say('No cloud keys.')
      say(
        table(
          ['KEY', 'APPID', 'UNIONID', 'ALGORITHM', 'MADE', 'REVOKED'],
          items.map((key) => [key.id, key.appId, key.unionid, key.algorithm, key.createdAt, key.revokedAt ?? '-']),
        ),
      )
    })
  keys
    .command('revoke <key>')
    .description('take a key out of use, within a second everywhere')
    .option('--end-sessions', 'also end every session that came through it')
    .action(async (key: string, { endSessions }: { endSessions?: boolean }) => {
      const path = `cloud-keys/${encodeURIComponent(key)}${endSessions ? '?endSessions=true' : ''}`
      const { ended } = await withAdmin((admin) => admin.call<{ ended: number }>('DELETE', path))
      say(`Revoked ${key}.${endSessions ? ` Sessions ended: ${ended}.` : ''}`)
    })
}
