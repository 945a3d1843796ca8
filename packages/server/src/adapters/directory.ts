import { Secret } from '@hufu/wechat/secret'
import type { AppId } from '@hufu/wechat/words'
import type { App } from '../domain/app.ts'
import { masterKeyReplaced } from '../domain/master-key-replaced.ts'
import type { Directory } from '../ports/directory.ts'
import type { Log } from '../ports/log.ts'
import type { Registry, Setup, StoredApp } from '../ports/registry.ts'
import type { Vault } from '../ports/vault.ts'
import { type Keyring, openKeyring } from './tokens/keyring.ts'

const sealedFor = (appId: string): string => `app_secret ${appId}`

/** The AppSecret of an app, sealed for its row, in base64url. */
export const sealAppSecret = (vault: Vault, appId: AppId, secret: string): string =>
  Buffer.from(vault.seal(secret, sealedFor(appId))).toString('base64url')

const openAppSecret = (vault: Vault, { id, secretSealed }: StoredApp): string =>
  vault.open(Buffer.from(secretSealed, 'base64url'), sealedFor(id))

/** The same AppSecret, sealed with the current master key. */
export const resealAppSecret = (vault: Vault, app: StoredApp): string =>
  sealAppSecret(vault, app.id, openAppSecret(vault, app))

/**
 * The setup, opened and held in memory; `refresh` looks whether its revision moved and reads it again if so. A row that
 * does not open is told to the log by its kind and id, once, and stops nothing else; what was open before stays open.
 */
export async function openDirectory(
  registry: Registry,
  vault: Vault,
  log: Log,
): Promise<Directory & { keys(): Keyring }> {
  const told = new Set<string>()
  const tell = (setup: Setup, unopened: Unopened[]): void => {
    if (!isOurs(setup, vault)) {
      if (!told.has('master key')) log.error('master_key_replaced', masterKeyReplaced())
      told.add('master key')
      return
    }
    for (const { kind, id, error } of unopened) {
      if (!told.has(`${kind} ${id}`)) log.error('sealed_value_not_opened', error, { kind, id })
      told.add(`${kind} ${id}`)
    }
  }
  const read = async (before: Held | undefined): Promise<Held> => {
    const setup = await registry.setup()
    const { held, unopened } = open(setup, vault, before)
    tell(setup, unopened)
    return held
  }
  let held = await read(undefined)
  return {
    app: (id) => held.apps.get(id),
    apps: () => [...held.apps.values()],
    realms: () => held.setup.realms,
    cloudKey: (id) => held.cloudKeys.get(id),
    cloudKeys: () => [...held.cloudKeys.values()],
    hasOrigin: (origin) => held.origins.has(origin),
    keys: () => held.keys,
    ownKeys: () =>
      held.setup.keys.map(({ sealed: _, ...key }) => ({
        ...key,
        kid: held.keys.signing.find(({ number }) => number === key.number)?.kid,
      })),
    isSealedByUs: () => isOurs(held.setup, vault),
    async refresh() {
      if ((await registry.revision()) !== held.setup.revision) held = await read(held)
    },
  }
}

interface Held {
  setup: Setup
  apps: Map<string, App>
  cloudKeys: Map<string, Setup['cloudKeys'][number]>
  origins: Set<string>
  keys: Keyring
}

/** A row whose sealed value is of another master key, or damaged. */
export interface Unopened {
  kind: 'app' | 'key'
  id: string | number
  error: Error
}

const isOurs = ({ keyCheck }: Setup, vault: Vault): boolean => keyCheck === undefined || keyCheck === vault.check

function open(setup: Setup, vault: Vault, before: Held | undefined): { held: Held; unopened: Unopened[] } {
  const unopened: Unopened[] = []
  const apps = new Map<string, App>()
  for (const stored of setup.apps) {
    const { secretSealed: _, ...app } = stored
    let secret: App['secret']
    try {
      const opened = openAppSecret(vault, stored)
      secret = opened === '' ? undefined : new Secret('AppSecret', opened)
    } catch (error) {
      unopened.push({ kind: 'app', id: stored.id, error: error as Error })
      secret = before?.apps.get(stored.id)?.secret
    }
    apps.set(app.id, { ...app, secret })
  }
  const keys = openKeyring(vault, setup.keys, before?.keys, (id, error) => unopened.push({ kind: 'key', id, error }))
  return {
    held: {
      setup,
      apps,
      cloudKeys: new Map(setup.cloudKeys.map((key) => [key.id, key])),
      origins: new Set(setup.apps.flatMap(({ origins }) => origins)),
      keys,
    },
    unopened,
  }
}
