import { resolve } from 'node:path'
import type { Environment } from '../config.ts'
import { type AdminClient, adminClient } from './admin-client.ts'
import { configuration } from './environment.ts'

/** Lends the admin API to one command and closes it afterwards. */
export type WithAdmin = <T>(work: (admin: AdminClient) => Promise<T>) => Promise<T>

/** A running server is found by its socket alone; only without one does the command need the whole configuration. */
export const adminOf =
  (env: Environment): WithAdmin =>
  async (work) => {
    const admin = await adminClient(() => configuration(env), resolve(env.HUFU_DATA_DIR ?? './data'))
    try {
      return await work(admin)
    } finally {
      await admin.close()
    }
  }
