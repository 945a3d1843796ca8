import type { Act } from '../domain/act.ts'
import { newEpoch, newErasureKey } from '../domain/epoch.ts'
import type { RealmId } from '../domain/ids.ts'
import { ProblemError, SettingProblem } from '../domain/problem-error.ts'
import type { KeyPurpose, Registry, Setup, StoredApp, StoredKey } from '../ports/registry.ts'
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
    throw new SettingProblem(
      `This database was made in ${kept} mode and does not open in ${mode} mode. Set HUFU_MODE=${kept}, or use another HUFU_DATA_DIR. · 数据库的运行模式不同：请设置 HUFU_MODE=${kept}，或使用另一个 HUFU_DATA_DIR`,
    )
  }
  await checkMasterKey(deps)
  await registry.setSetting({ name: 'epoch', value: newEpoch(), ifAbsent: true })
  await registry.setSetting({ name: 'erasure-key', value: newErasureKey(), ifAbsent: true })
  const setup = await resealStale(deps)
  refuseCrossedAudience(audience, setup.realms.length)
  if (setup.realms.length === 0) {
    await registry.addRealm({ act, realm: { id: 'default' as RealmId, name: 'default', createdAt: act.now } })
  }
  for (const [purpose, wanted] of [
    ['signing', algorithm],
    ['refresh', 'HS256'],
  ] as const) {
    const newest = setup.keys.findLast((key) => key.purpose === purpose && key.retiredAt === undefined)
    if (newest?.algorithm === wanted) continue
    const sealed = keeper.newKey(purpose, wanted)
    const key = { purpose, algorithm: wanted, sealed, sealedBy: keeper.check }
    await registry.addKey({ act, ...key, another: false })
  }
}

async function checkMasterKey({ registry, keeper }: PrepareDeps): Promise<void> {
  const kept = await registry.setSetting({ name: 'key-check', value: keeper.check, ifAbsent: true })
  if (kept === keeper.check) return
  if (kept !== keeper.previousCheck) {
    throw new SettingProblem(
      'HUFU_MASTER_KEY is not the key that this database was sealed with. To change it, give the old one as HUFU_MASTER_KEY_PREVIOUS. · 主密钥不是该数据库的：若要更换，请把旧的放在 HUFU_MASTER_KEY_PREVIOUS',
    )
  }
  // First, so that nothing more is written with the old key; what was, is seen below.
  await registry.changeMasterKey({ from: kept, to: keeper.check })
}

/**
 * Seals with the current master key whatever is sealed with the previous one, at every start: a change that was cut off is
 * finished, and what an older process wrote until it heard of the change is not left behind. A row that does not open
 * stays as it is, and stops no other.
 */
async function resealStale({ registry, keeper }: PrepareDeps): Promise<Setup> {
  const setup = await registry.setup()
  const keys = setup.keys
    .filter(({ sealed }) => keeper.isStale(sealed))
    .flatMap((key) => ifOpen(() => ({ number: key.number, was: key.sealed, sealed: keeper.resealKey(key) })))
  const apps = setup.apps
    .filter(({ secretSealed }) => keeper.isStale(secretSealed))
    .flatMap((app) => ifOpen(() => ({ id: app.id, was: app.secretSealed, secretSealed: keeper.resealAppSecret(app) })))
  if (keys.length + apps.length > 0) await registry.reseal({ keys, apps })
  return setup
}

/** Whoever opens the setup for use names what does not open. */
function ifOpen<Resealed>(reseal: () => Resealed): Resealed[] {
  try {
    return [reseal()]
  } catch (error) {
    if (error instanceof ProblemError) return []
    throw error
  }
}
