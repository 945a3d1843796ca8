import { IdentityError } from '../../domain/errors.ts'
import type { Store } from '../../ports/store.ts'

export async function openPostgresStore(_url: string): Promise<Store> {
  throw new IdentityError('server_misconfigured', 'PostgreSQL is not built yet.')
}
export async function migratePostgresUrl(_url: string): Promise<string[]> {
  throw new IdentityError('server_misconfigured', 'PostgreSQL is not built yet.')
}
