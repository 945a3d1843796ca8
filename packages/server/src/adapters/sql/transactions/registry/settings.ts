import type { Registry } from '../../../../ports/registry.ts'
import { optional, text } from '../../rows/columns.ts'
import { fragment, one, run, type Statements, sql } from '../../sql.ts'
import { read, write } from '../../transaction.ts'

export const setting = read<Registry['setting']>(readSetting)

const KEEP = fragment`DO NOTHING`
const REPLACE = fragment`DO UPDATE SET value = excluded.value`

export const setSetting = write<Registry['setSetting']>(function* ({ name, value, ifAbsent }) {
  yield* run(sql`
    INSERT INTO settings (name, value) VALUES (${name}, ${value}) ON CONFLICT (name) ${ifAbsent ? KEEP : REPLACE}`)
  return (yield* readSetting(name)) ?? value
})

function* readSetting(name: string): Statements<string | undefined> {
  return optional(text, (yield* one(sql`SELECT value FROM settings WHERE name = ${name}`))?.value)
}
