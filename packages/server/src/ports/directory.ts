import type { App, Realm } from '../domain/app.ts'
import type { CloudKey } from '../domain/cloud-key.ts'

/** What operators set up, in memory and at most a second old. */
export interface Directory {
  app(id: string): App | undefined
  apps(): App[]
  realms(): Realm[]
  cloudKey(id: string): CloudKey | undefined
  cloudKeys(): CloudKey[]
  /** Origins of browser pages that some app lets call. */
  hasOrigin(origin: string): boolean
  /** Reads the setup again if it moved. */
  refresh(): Promise<void>
}
