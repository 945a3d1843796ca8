// `npm run docs:settings`: writes the tables of docs/settings*.md from the table of settings. A test holds the two equal.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultOf } from '../packages/server/src/config/describe-settings.ts'
import type { Setting, Words } from '../packages/server/src/config/setting.ts'
import { ALL_SETTINGS } from '../packages/server/src/config/settings.ts'

type Language = keyof Words

const root = fileURLToPath(new URL('../', import.meta.url))

export const SETTINGS_PAGES: Readonly<Record<Language, string>> = {
  en: join(root, 'docs/settings.md'),
  zh: join(root, 'docs/settings.zh-CN.md'),
}

const HEADINGS: Readonly<Record<Language, string>> = {
  en: '| variable | option of `createHufu` | default | meaning |',
  zh: '| 变量 | `createHufu` 的选项 | 默认 | 含义 |',
}

const BETWEEN_MARKS = /(<!-- settings -->)[\s\S]*(<!-- \/settings -->)/

/** A page with its table as it is now; what stands around the marks is written by hand. */
export function withTable(page: string, language: Language): string {
  const table = [HEADINGS[language], '| --- | --- | --- | --- |', ...ALL_SETTINGS.map((row) => line(row, language))]
  return page.replace(BETWEEN_MARKS, `$1\n\n${table.join('\n').replaceAll('$', '$$$$')}\n\n$2`)
}

function line(row: Setting<unknown>, language: Language): string {
  const unit = row.unit ? (language === 'en' ? ` (${row.unit.en})` : `（${row.unit.zh}）`) : ''
  const cells = [
    `\`${row.name}\``,
    row.option ? `\`${row.option}\`` : '–',
    defaultOf(row, language),
    row.meaning[language] + unit,
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const language of ['en', 'zh'] as const) {
    const file = SETTINGS_PAGES[language]
    writeFileSync(file, withTable(readFileSync(file, 'utf8'), language))
  }
}
