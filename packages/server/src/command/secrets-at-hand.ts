import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { narrowFile, privateFolder } from '../adapters/private-files.ts'
import type { Environment } from '../config.ts'

/** 32 random bytes in base64: a master key, or a token for the admin listener. */
export const newKey = (): string => randomBytes(32).toString('base64')

/**
 * What development makes for itself, once, and keeps in the data folder where only its owner can read it.
 * Production makes nothing: there, a key that appears by itself is a key that nobody backed up.
 */
export function withDevelopmentSecrets(env: Environment): Environment {
  const folder = resolve(env.HUFU_DATA_DIR ?? './data')
  privateFolder(folder)
  return {
    ...env,
    HUFU_MODE: env.HUFU_MODE ?? 'development',
    ...(given(env, 'HUFU_MASTER_KEY') ? {} : { HUFU_MASTER_KEY: kept(join(folder, 'master.key')) }),
    ...(given(env, 'HUFU_ADMIN_TOKEN') ? {} : { HUFU_ADMIN_TOKEN: kept(join(folder, 'admin.token')) }),
  }
}

const given = (env: Environment, name: string): boolean => env[name] !== undefined || env[`${name}_FILE`] !== undefined

function kept(file: string): string {
  if (!existsSync(file)) writeFileSync(file, `${newKey()}\n`, { mode: 0o600, flag: 'wx' })
  narrowFile(file)
  return readFileSync(file, 'utf8').trim()
}
