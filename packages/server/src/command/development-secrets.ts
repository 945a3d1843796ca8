import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { narrowFile, privateFolder } from '../adapters/private-files.ts'
import type { Environment } from '../config/config.ts'
import { readTextFile } from '../config/text-file.ts'
import { newKey } from './key.ts'

/**
 * What development makes for itself, once, and keeps in the data folder where only its owner can read it.
 * Production makes nothing: there, a key that appears by itself is a key that nobody backed up.
 *
 * @param missing settings that have no value yet
 */
export function developmentSecrets(dataDir: string, missing: readonly DevelopmentSecret[]): Environment {
  if (missing.length === 0) return {}
  privateFolder(dataDir)
  return Object.fromEntries(missing.map((name) => [name, kept(join(dataDir, FILES[name]))]))
}

/** Where each is kept, in the data folder. */
const FILES = { HUFU_MASTER_KEY: 'master.key', HUFU_ADMIN_TOKEN: 'admin.token' } as const

export type DevelopmentSecret = keyof typeof FILES

export const DEVELOPMENT_SECRETS = Object.keys(FILES) as DevelopmentSecret[]

function kept(file: string): string {
  if (!existsSync(file)) writeFileSync(file, `${newKey()}\n`, { mode: 0o600, flag: 'wx' })
  narrowFile(file)
  return readTextFile(file)
}
