import { appendFileSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Erasure, erasureKeyId } from '../domain/erasure.ts'
import { ProblemError } from '../domain/problem-error.ts'
import { makePrivateFile, narrowFile, syncToDisk } from './private-files.ts'

/*
 * `erased.log`: a line that names the key, then one line for each erasure: when, and the hash. The database holds the same;
 * this file stays when the database is put back to an earlier time (docs/decisions/0007-files.md).
 */

const NAME = 'erased.log'
const HEAD = 'hufu-erased-1'

export const erasedLogIn = (folder: string): string => join(folder, NAME)

/** What such a file says. None, where there is none. @throws {ProblemError} `invalid_request` when it is no such file */
export function readErasedLog(file: string): { keyId: string | undefined; erasures: Erasure[] } {
  if (!existsSync(file)) return { keyId: undefined, erasures: [] }
  const [head = '', ...lines] = readFileSync(file, 'utf8').split('\n')
  const [form, keyId] = head.split(' ')
  if (form !== HEAD || keyId === undefined) throw damaged(file)
  // A line that was cut off by a crash is written again at the next start.
  const whole = lines.flatMap((line) => {
    const [, at, hash] = /^(\d+) ([\w-]{43})$/.exec(line) ?? []
    return at !== undefined && hash !== undefined ? [{ at: Number(at), hash }] : []
  })
  return { keyId, erasures: whole }
}

/** Adds what is not in the file yet; on the disk when it returns. */
export function addToErasedLog(file: string, key: string, erasures: readonly Erasure[]): void {
  const { keyId, erasures: there } = readErasedLog(file)
  if (keyId !== undefined && keyId !== erasureKeyId(key)) throw ofAnother(file)
  const known = new Set(there.map(({ at, hash }) => `${at} ${hash}`))
  const missing = erasures.map(({ at, hash }) => `${at} ${hash}`).filter((line) => !known.has(line))
  if (missing.length === 0) return
  if (keyId === undefined) {
    makePrivateFile(file)
    appendFileSync(file, `${HEAD} ${erasureKeyId(key)}\n`)
  } else narrowFile(file)
  const isCutOff = keyId !== undefined && !readFileSync(file, 'utf8').endsWith('\n')
  appendFileSync(file, `${isCutOff ? '\n' : ''}${missing.join('\n')}\n`)
  syncToDisk(file, 'file')
}

/** Puts a copy beside a backup, unless another installation keeps its own there. */
export function copyErasedLog(from: string, folder: string): void {
  const [source, target] = [erasedLogIn(from), erasedLogIn(folder)]
  if (source === target || !existsSync(source)) return
  const { keyId } = readErasedLog(source)
  if (existsSync(target) && readErasedLog(target).keyId !== keyId) return
  const part = `${target}.part`
  rmSync(part, { force: true })
  makePrivateFile(part)
  copyFileSync(source, part)
  renameSync(part, target)
}

const damaged = (file: string): ProblemError =>
  new ProblemError('invalid_request', `${file} is not a list of erasures of Hufu's · 不是 Hufu 的删除记录`)

const ofAnother = (file: string): ProblemError =>
  new ProblemError(
    'server_misconfigured',
    `${file} belongs to another database: its erasures cannot be told from others. Give each database a folder of its own · 该删除记录属于另一个数据库`,
  )
