import { Secret } from '@hufu/wechat/secret'
import type { AppId } from '@hufu/wechat/words'
import type { App } from '../domain/app.ts'
import type { Directory } from '../ports/directory.ts'
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

/** The setup, opened and held in memory; `refresh` looks whether its revision moved and reads it again if so. */
export async function openDirectory(registry: Registry, vault: Vault): Promise<Directory & { keys(): Keyring }> {
  let held = open(await registry.setup(), vault)
  return {
    app: (id) => held.apps.get(id),
    apps: () => [...held.apps.values()],
    realms: () => held.realms,
    cloudKey: (id) => held.cloudKeys.get(id),
    cloudKeys: () => [...held.cloudKeys.values()],
    hasOrigin: (origin) => held.origins.has(origin),
    keys: () => held.keys,
    async refresh() {
      if ((await registry.revision()) !== held.revision) held = open(await registry.setup(), vault)
    },
  }
}

function open(setup: Setup, vault: Vault) {
  const apps = new Map<string, App>()
  for (const stored of setup.apps) {
    const { secretSealed: _, ...app } = stored
    const secret = openAppSecret(vault, stored)
    apps.set(app.id, { ...app, secret: secret === '' ? undefined : new Secret('AppSecret', secret) })
  }
  return {
    revision: setup.revision,
    realms: setup.realms,
    apps,
    cloudKeys: new Map(setup.cloudKeys.map((key) => [key.id, key])),
    origins: new Set(setup.apps.flatMap(({ origins }) => origins)),
    keys: openKeyring(vault, setup.keys),
  }
}
