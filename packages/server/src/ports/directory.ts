import type { App, Realm } from '../domain/app.ts'
import type { CloudKey } from '../domain/cloud-key.ts'
import type { KeyPurpose, KeyTimes } from '../domain/key-state.ts'

/** A key of ours, without its secret half. */
export interface OwnKey extends KeyTimes {
  purpose: KeyPurpose
  algorithm: string
  /** By which tokens name it; undefined for a refresh key, and where it does not open. */
  kid: string | undefined
  createdAt: number
}

/** What operators set up, in memory and at most a second old. */
export interface Directory {
  app(id: string): App | undefined
  apps(): App[]
  realms(): Realm[]
  cloudKey(id: string): CloudKey | undefined
  cloudKeys(): CloudKey[]
  /** Origins of browser pages that some app lets call. */
  hasOrigin(origin: string): boolean
  /** Our own keys of every state, in the order of their numbers. */
  ownKeys(): OwnKey[]
  /**
   * Whether the database is sealed with the master key of this process. False once another has taken over: then what this
   * process seals nobody could open, and it must not be written.
   */
  isSealedByUs(): boolean
  /** Reads the setup again if it moved. */
  refresh(): Promise<void>
}
