import { fallbackOf } from './config-from.ts'
import type { Known, Setting, Words } from './setting.ts'
import { ALL_SETTINGS } from './settings.ts'

type Language = keyof Words

const REQUIRED: Words = { en: 'required', zh: '必填' }
const WITH_THE_OTHERS: Words = {
  en: 'off; required with the other `HUFU_CLOUDRUN_*`',
  zh: '关闭；设置任一 `HUFU_CLOUDRUN_*` 时必填',
}
const NONE: Words = { en: 'none', zh: '无' }

/** Marks for what a default is made of, in place of values. */
const known = (development: boolean): Known => ({
  development,
  dataDir: '<data>',
  host: '<host>',
  port: '<port>',
  standardProxy: undefined,
  cloudRunEnvironment: undefined,
})

/** The default of a setting, as its own rule gives it, in both modes where they differ. */
export function defaultOf(row: Setting<unknown>, language: Language): string {
  if (row.otherwise) return row.otherwise[language]
  if (row.cloudRun && row.fallback === '') return WITH_THE_OTHERS[language]
  const [production, development] = [false, true].map((mode) => show(fallbackOf(row, known(mode)), language))
  if (production === development) return production ?? ''
  return language === 'en' ? `${production} (development: ${development})` : `${production}（开发模式：${development}）`
}

function show(fallback: string | undefined, language: Language): string {
  if (fallback === undefined) return NONE[language]
  return fallback === '' ? REQUIRED[language] : `\`${fallback}\``
}

const HEAD = `
Settings · 配置项
  Environment variables, or members of hufu.config.json in the current folder; NAME_FILE names a file that holds the value.
  环境变量，或当前目录 hufu.config.json 的成员；“名字_FILE”指向存放该值的文件。
`

/** All settings with defaults and meanings, for a terminal. */
export function settingsHelp(): string {
  const rows = ALL_SETTINGS.map((row) => {
    const lines = (['en', 'zh'] as const).map((language) => {
      const unit = row.unit ? ` [${row.unit[language]}]` : ''
      return `      ${plain(row.meaning[language])}${unit}`
    })
    const defaults = [...new Set([defaultOf(row, 'en'), defaultOf(row, 'zh')])].map(plain).join(' · ')
    return [`  ${row.name}  (${defaults})`, ...lines].join('\n')
  })
  return `${HEAD}\n${rows.join('\n')}`
}

/** Without the marks of Markdown. */
const plain = (text: string): string => text.replaceAll('`', '')
