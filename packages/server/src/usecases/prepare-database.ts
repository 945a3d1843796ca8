import type { Act } from '../domain/act.ts'
import type { RealmId } from '../domain/ids.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { KeyPurpose, Registry, StoredApp, StoredKey } from '../ports/registry.ts'
import { refuseCrossedAudience } from './refuse-crossed-audience.ts'

export interface PrepareDeps {
  registry: Registry
  /** How the master key proves itself, and what is sealed with an older one is sealed again. */
  keeper: {
    check: string
    previousCheck: string | undefined
    newKey(purpose: KeyPurpose, algorithm: string): string
    isStale(sealed: string): boolean
    resealKey(key: StoredKey): string
    resealAppSecret(app: StoredApp): string
  }
}

/**
 * Makes a database ready for this process: its mode and master key are the ones it was made with, it has a realm, and
 * keys to make tokens with. Several processes may do this at once.
 *
 * @throws {ProblemError} `server_misconfigured` when the mode or the master key is another, or when one audience is fixed and
 *   there are several realms.
 */
export async function prepareDatabase(
  deps: PrepareDeps,
  { act, mode, algorithm, audience }: { act: Act; mode: string; algorithm: string; audience: string | undefined },
): Promise<void> {
  const { registry, keeper } = deps
  const kept = await registry.setSetting({ name: 'mode', value: mode, ifAbsent: true })
  if (kept !== mode) {
    throw new ProblemError(
      'server_misconfigured',
      `This database was made in ${kept} mode and does not open in ${mode} mode. Set HUFU_MODE=${kept}, or use another HUFU_DATA_DIR.`,
    )
  }
  await checkMasterKey(deps)
  const setup = await registry.setup()
  refuseCrossedAudience(audience, setup.realms.length)
  if (setup.realms.length === 0) {
    await registry.addRealm({ act, realm: { id: 'default' as RealmId, name: 'default', createdAt: act.now } })
  }
  for (const [purpose, wanted] of [
    ['signing', algorithm],
    ['refresh', 'HS256'],
  ] as const) {
    if (setup.keys.some((key) => key.purpose === purpose && key.algorithm === wanted)) continue
    await registry.addKey({ act, purpose, algorithm: wanted, sealed: keeper.newKey(purpose, wanted), another: false })
  }
}

async function checkMasterKey({ registry, keeper }: PrepareDeps): Promise<void> {
  const kept = await registry.setSetting({ name: 'key-check', value: keeper.check, ifAbsent: true })
  if (kept === keeper.check) return
  if (kept !== keeper.previousCheck) {
    throw new ProblemError(
      'server_misconfigured',
      'HUFU_MASTER_KEY is not the key that this database was sealed with. To change it, give the old one as HUFU_MASTER_KEY_PREVIOUS.',
    )
  }
  const { keys, apps } = await registry.setup()
  await registry.reseal({
    keys: keys
      .filter(({ sealed }) => keeper.isStale(sealed))
      .map((key) => ({ number: key.number, sealed: keeper.resealKey(key) })),
    apps: apps
      .filter(({ secretSealed }) => keeper.isStale(secretSealed))
      .map((app) => ({ id: app.id, secretSealed: keeper.resealAppSecret(app) })),
  })
  await registry.setSetting({ name: 'key-check', value: keeper.check, ifAbsent: false })
}
