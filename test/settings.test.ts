import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { settingsHelp } from '../packages/server/src/config/describe-settings.ts'
import { ALL_SETTINGS } from '../packages/server/src/config/settings.ts'
import { SETTINGS_PAGES, withTable } from '../scripts/settings-docs.mts'

const root = fileURLToPath(new URL('../', import.meta.url))

for (const language of ['en', 'zh'] as const) {
  test(`the page of settings (${language}) shows every setting with its default as the table has it`, () => {
    const page = readFileSync(SETTINGS_PAGES[language], 'utf8')
    assert.equal(page, withTable(page, language), 'write it again: npm run docs:settings')
    for (const { name } of ALL_SETTINGS) assert.equal(page.split(`\n| \`${name}\` | `).length, 2, name)
  })

  test(`the help of serve shows every setting (${language})`, () => {
    const help = settingsHelp()
    for (const { name, meaning } of ALL_SETTINGS) {
      const [, said = ''] = help.split(`\n  ${name}  (`)
      assert.ok(said.includes(meaning[language].replaceAll('`', '')), name)
    }
  })
}

/** Variables of the cloud function, not of the server. */
const CLOUD_FUNCTION = /^HUFU_(SERVER|CLOUD_KEY(_[A-Z])?)$/

test('no document names a setting that there is not', () => {
  const known = new Set<string>(ALL_SETTINGS.flatMap(({ name }) => [name, `${name}_FILE`]))
  const files = globSync('{*.md,docs/**/*.md,packages/*/*.md,examples/**/*.md}', {
    cwd: root,
    exclude: (name) => name.endsWith('node_modules'),
  })
  assert.ok(files.length > 10, `only ${files.length} documents were found`)
  const unknown = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\bHUFU_[A-Z][A-Z0-9_]*\b(?!_?\*|…)/g)]
      .map(([name]) => name)
      .filter((name) => !known.has(name) && !CLOUD_FUNCTION.test(name) && !name.startsWith('HUFU_TEST_'))
      .map((name) => `${file}: ${name}`),
  )
  assert.deepEqual(unknown, [])
})
