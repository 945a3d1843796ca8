// `npm run copies`: writes what is told once, in @hufu/contract/data, to the places that must hold a copy: the packages
// that ship without a dependency, and the list of errors in both languages. A test fails while a copy is behind.
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ProblemCode } from '@hufu/contract'
import { PROBLEMS } from '@hufu/contract/data'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const codes = Object.keys(PROBLEMS) as ProblemCode[]
const written = '// Written by `npm run copies` from packages/contract/src/problem-codes.ts.'

/** The status of every code, for the cloud function. */
const cloudStatuses = (): string => `${written}

/** Every way to be refused, with the status each one travels with. */
export const statuses = {
${codes.map((code) => `  ${code}: ${PROBLEMS[code].status},`).join('\n')}
} as const

/** What a program branches on when it is refused. */
export type ProblemCode = keyof typeof statuses
`

/** What each code means, for the development build of the mini program's client. */
const clientMeanings = (): string => `${written}

/** What a server means by each code, for whoever builds the mini program. */
export const problemMeanings: Record<string, string> = {
${codes.map((code) => `  ${code}: '${PROBLEMS[code].meaning.zh}',`).join('\n')}
}
`

const errorList = (language: 'en' | 'zh', [heading, before, columns]: [string, string, string]): string => `# ${heading}

<!-- Written by \`npm run copies\` from packages/contract/src/problem-codes.ts. -->

${before}

| code | ${columns} |
| --- | --- | --- | --- |
${codes.map((code) => `| \`${code}\` | ${PROBLEMS[code].status} | ${PROBLEMS[code].title[language]} | ${PROBLEMS[code].meaning[language]} |`).join('\n')}
`

/** Every copy: its file, from the root, and what must stand in it. */
export const copies: Readonly<Record<string, string>> = {
  'packages/cloud/src/problem-codes.ts': cloudStatuses(),
  'packages/miniprogram/src/problem-meanings.ts': clientMeanings(),
  'docs/errors.md': errorList('en', [
    'Errors',
    'Errors are `application/problem+json` (RFC 9457). Branch on `code`. The set may grow: treat a code that you do not know by\nits status. A code never changes its meaning.',
    'status | title | meaning',
  ]),
  'docs/errors.zh-CN.md': errorList('zh', [
    '错误码',
    '错误是 `application/problem+json`（RFC 9457），请按 `code` 分支。错误码可能增加：不认识的错误码按状态码处理。已有错误码的含义不会改变。',
    '状态 | 名称 | 含义',
  ]),
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, text] of Object.entries(copies)) writeFileSync(join(root, file), text)
}
