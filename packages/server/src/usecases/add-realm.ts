import type { Act } from '../domain/act.ts'
import type { Realm } from '../domain/app.ts'
import { readRealmId } from '../domain/app-fields.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Directory } from '../ports/directory.ts'
import type { Registry } from '../ports/registry.ts'

export interface AddRealmDeps {
  registry: Registry
  directory: Directory
  /** HUFU_AUDIENCE, where it is set. */
  fixedAudience: string | undefined
}

/** @throws {ProblemError} `invalid_request`, `already_exists` (also where one audience is fixed for the realm that is there) */
export async function addRealm(
  { registry, directory, fixedAudience }: AddRealmDeps,
  { act, id, name = id }: { act: Act; id: string; name: string | undefined },
): Promise<Realm> {
  const realm = { id: readRealmId(id), name, createdAt: act.now }
  const others = directory.realms().some((one) => one.id !== realm.id)
  if (fixedAudience !== undefined && others) throw oneAudience()
  if ((await registry.addRealm({ act, realm })) === 'exists') {
    throw new ProblemError('already_exists', 'There is a realm of this id.')
  }
  await directory.refresh()
  return realm
}

const oneAudience = (): ProblemError =>
  new ProblemError(
    'already_exists',
    'HUFU_AUDIENCE is one audience for the realm that is there, and tokens of another realm must not pass as its own. Start the server without HUFU_AUDIENCE, tell verifiers <issuer>/realms/<realm>, then add the realm.',
  )
