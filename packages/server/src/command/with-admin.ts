import type { Environment } from '../config/config.ts'
import { readDataDir } from '../config/read-data-dir.ts'
import { type AdminClient, adminClient } from './admin-client.ts'
import { configurationOf, givenSettings } from './configuration.ts'
import { sayDatabase } from './say.ts'

/** Lends the admin API to one command, says which database it works on, and closes it afterwards. */
export type WithAdmin = <T>(work: (admin: AdminClient) => Promise<T>) => Promise<T>

/** A running server is found by its socket alone; only without one does the command need the whole configuration. */
export const withAdminOf =
  (env: Environment): WithAdmin =>
  async (work) => {
    const settings = givenSettings(env)
    const admin = await adminClient(() => configurationOf(settings), readDataDir(settings))
    sayDatabase(admin.database)
    try {
      return await work(admin)
    } finally {
      await admin.close()
    }
  }
