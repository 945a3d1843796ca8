import type { Act } from '../domain/act.ts'
import type { Realm } from '../domain/app.ts'
import { readRealmId } from '../domain/app-fields.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Directory } from '../ports/directory.ts'
import type { Registry } from '../ports/registry.ts'

export interface AddRealmDeps {
  registry: Registry
  directory: Directory
}

/** @throws {ProblemError} `invalid_request`, `already_exists` */
export async function addRealm(
  { registry, directory }: AddRealmDeps,
  { act, id, name = id }: { act: Act; id: string; name: string | undefined },
): Promise<Realm> {
  const realm = { id: readRealmId(id), name, createdAt: act.now }
  if ((await registry.addRealm({ act, realm })) === 'exists') {
    throw new ProblemError('already_exists', 'There is a realm of this id.')
  }
  await directory.refresh()
  return realm
}
