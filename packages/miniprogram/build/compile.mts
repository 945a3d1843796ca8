import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { minify, transform } from '@swc/core'
import { build } from 'esbuild'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** What can be imported: everything, without the cloud login methods, and with errors that explain themselves. */
export const entries = ['index', 'core', 'dev'] as const
export type Entry = (typeof entries)[number]

/**
 * One entry as a single ES module in ES5 syntax.
 *
 * esbuild puts the files together and swc lowers them: neither TypeScript 7 nor esbuild writes ES5, and a mini program
 * that turns off "es6" in its settings gets what we ship as it is.
 */
export async function compile(entry: Entry): Promise<string> {
  const bundled = await build({
    entryPoints: [join(root, 'src', `${entry}.ts`)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2020',
    platform: 'neutral',
    charset: 'utf8',
    legalComments: 'none',
  })
  const { code } = await transform(bundled.outputFiles[0]?.text ?? '', {
    isModule: true,
    env: { targets: { ie: '9' }, loose: true, exclude: ['transform-typeof-symbol'] },
    jsc: {
      parser: { syntax: 'ecmascript' },
      preserveAllComments: false,
      assumptions: { iterableIsArray: true, ignoreFunctionLength: true, ignoreFunctionName: true },
    },
    minify: false,
  })
  return code.replace(/^\/\/.*\n/gm, '')
}

/** The same as CommonJS, by rewriting the one export statement that the bundle ends with. */
export function toCommonJs(esm: string): string {
  const statement = /export \{([^}]+)\};?\s*$/.exec(esm)
  if (!statement?.[1]) throw new Error('the bundle does not end with one export statement')
  const names = statement[1].split(',').map((each) => each.trim().split(' as '))
  const exported = names.map(([local, name = local]) => `exports.${name} = ${local};\n`).join('')
  return `"use strict";\nexports.__esModule = true;\n${esm.slice(0, statement.index)}${exported}`
}

/** As the uploader of WeChat DevTools or a bundler would shrink it. */
export async function shrink(commonJs: string): Promise<string> {
  const { code } = await minify(commonJs, { ecma: 5, toplevel: true, compress: { passes: 3 }, mangle: true })
  return code
}
