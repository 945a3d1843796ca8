import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Migration {
  number: number
  name: string
  statements: string[]
}

/** The numbered SQL files of one store, in order. They stand beside the sources and beside the compiled files alike. */
export function readMigrations(store: 'sqlite' | 'postgres'): Migration[] {
  const folder = fileURLToPath(new URL(`../../migrations/${store}/`, import.meta.url))
  return readdirSync(folder)
    .filter((file) => /^\d{4}-.+\.sql$/.test(file))
    .sort()
    .map((file) => ({
      number: Number(file.slice(0, 4)),
      name: file.slice(0, -'.sql'.length),
      statements: statementsOf(readFileSync(folder + file, 'utf8')),
    }))
}

/** Our migrations hold no semicolon inside a statement. */
const statementsOf = (sql: string): string[] =>
  sql
    .replace(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
