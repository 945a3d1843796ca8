import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../', import.meta.url))
export const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** What is installed, built or written by a run, and what belongs to git itself. */
const PASSED_OVER = new Set(['node_modules', 'dist', 'data', 'coverage', 'release', 'results', 'miniprogram_npm'])

/** The files of the repository whose names end in one of these, named from its root with `/`, in order. */
export function repositoryFiles(...endings: string[]): string[] {
  const visit = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = posix.join(folder, entry.name)
      if (!entry.isDirectory()) return endings.some((ending) => entry.name.endsWith(ending)) ? [path] : []
      return PASSED_OVER.has(entry.name) || entry.name.startsWith('.') ? [] : visit(path)
    })
  return visit('.').sort()
}
