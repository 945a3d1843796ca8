import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Something that users of a package see: an exported symbol, or a member of an exported interface, type or class. */
export interface PublicSymbol {
  /** `packages/server/src/hufu.ts: Hufu.close` */
  where: string
  hasDocstring: boolean
  /** Names of our types that it shows. */
  shows: string[]
}

/** The sources behind every entry of every published package. */
export function publicEntries(): string[] {
  return globSync('packages/*/package.json', { cwd: root }).flatMap((file) => {
    const { exports = {} } = JSON.parse(readFileSync(join(root, file), 'utf8')) as {
      exports?: Record<string, { source?: string } | string>
    }
    return Object.values(exports).flatMap((entry) =>
      typeof entry === 'string' || entry.source === undefined ? [] : [join(root, dirname(file), entry.source)],
    )
  })
}

/**
 * What an entry shows, followed through its re-exports. There is no parser of TypeScript to call here, so this reads the
 * lines: our formatter puts each declaration at the beginning of one, and each member two blanks in.
 */
export function publicSymbols(entry: string): PublicSymbol[] {
  return [...exportedFrom(entry, undefined, new Set()).values()].flat()
}

/** The types that an entry shows and does not export: nobody could write them down. */
export function hiddenTypes(entry: string): string[] {
  const exported = exportedFrom(entry, undefined, new Set())
  const names = new Set([...exported.keys(), ...passedOn(entry)])
  const shown = [...exported.values()].flat().flatMap(({ where, shows }) => shows.map((name) => ({ where, name })))
  return shown.filter(({ name }) => !names.has(name)).map(({ where, name }) => `${where} shows ${name}`)
}

/** What an entry passes on from other packages. */
const passedOn = (entry: string): string[] =>
  [...readFileSync(entry, 'utf8').matchAll(/^export (?:type )?\{([^}]*)\} from '[^.]/gm)].flatMap(([, names = '']) =>
    namesIn(names),
  )

function exportedFrom(file: string, wanted: Set<string> | undefined, seen: Set<string>): Map<string, PublicSymbol[]> {
  const found = new Map<string, PublicSymbol[]>()
  const key = `${file} ${wanted ? [...wanted].sort().join() : '*'}`
  if (seen.has(key)) return found
  seen.add(key)
  const source = readSource(file)
  for (const [name, symbols] of declarationsOf(source)) {
    if (source.exported.has(name) && (wanted?.has(name) ?? true)) found.set(name, symbols)
  }
  for (const { names, from } of source.reexports) {
    const asked = wanted && names ? new Set([...names].filter((name) => wanted.has(name))) : (names ?? wanted)
    if (asked?.size === 0) continue
    for (const [name, symbols] of exportedFrom(from, asked, seen)) found.set(name, symbols)
  }
  return found
}

interface Source {
  file: string
  lines: string[]
  /** Names of types that it declares or imports from us. */
  types: Set<string>
  /** Names of its own declarations that it exports. */
  exported: Set<string>
  /** What it passes on from other files of ours; all of it where no names are given. */
  reexports: { names: Set<string> | undefined; from: string }[]
}

const DECLARATION =
  /^(export )?(?:declare |abstract |async |default )*(interface|type|class|function\*?|const|let|enum) (\w+)/

function readSource(file: string): Source {
  const text = readFileSync(file, 'utf8')
  const lines = text.split('\n')
  const exported = new Set<string>()
  for (const line of lines) {
    const [, isExported, , name] = DECLARATION.exec(line) ?? []
    if (isExported && name) exported.add(name)
  }
  const imports = new Map<string, string>()
  for (const [, names = '', from = ''] of text.matchAll(/^import (?:type )?\{([^}]*)\} from '(\.[^']+)'/gm)) {
    for (const name of namesIn(names)) imports.set(name, join(dirname(file), from))
  }
  const reexports: Source['reexports'] = []
  for (const [, from = ''] of text.matchAll(/^export (?:type )?\* from '(\.[^']+)'/gm)) {
    reexports.push({ names: undefined, from: join(dirname(file), from) })
  }
  for (const [, names = '', from] of text.matchAll(/^export (?:type )?\{([^}]*)\}(?: from '([^']+)')?/gm)) {
    if (from === undefined) {
      for (const name of namesIn(names)) {
        const origin = imports.get(name)
        if (origin) reexports.push({ names: new Set([name]), from: origin })
        else exported.add(name)
      }
    } else if (from.startsWith('.')) reexports.push({ names: new Set(namesIn(names)), from: join(dirname(file), from) })
  }
  const types = new Set([
    ...[...text.matchAll(/^import (?:type )?\{([^}]*)\} from '(?:\.|@hufu\/)/gm)].flatMap(([, names = '']) =>
      namesIn(names),
    ),
    ...lines.map((line) => DECLARATION.exec(line)?.[3] ?? ''),
  ])
  return { file: file.slice(root.length), lines, types, exported, reexports }
}

/** Of `{ a, type B, c as d }`: the names that the other file calls them by. */
const namesIn = (list: string): string[] =>
  list
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split(',')
    .map(
      (one) =>
        one
          .trim()
          .replace(/^type /, '')
          .split(' as ')[0] ?? '',
    )
    .filter((one) => one !== '')

const MEMBER = /^ {2}(?:readonly |static |async |get |set |abstract )*([\w$'-]+|\[\w+: [^\]]+\])\??(?:[(<:]| =)/
const NOT_SHOWN = /^ {2}(?:private |protected |override |(?:readonly )?#|constructor\b)/

function declarationsOf({ file, lines, types }: Source): Map<string, PublicSymbol[]> {
  const found = new Map<string, PublicSymbol[]>()
  lines.forEach((line, at) => {
    const [, , kind, name] = DECLARATION.exec(line) ?? []
    if (!kind || !name) return
    const shows = typesIn(signature(lines, at, kind), types)
    const itself = { where: `${file}: ${name}`, hasDocstring: hasDocstring(lines, at), shows }
    // An overload's ladder is documented on one of its rungs.
    const before = found.get(name)?.[0]
    if (before) before.hasDocstring ||= itself.hasDocstring
    else found.set(name, [itself, ...membersOf(lines, at, kind, `${file}: ${name}.`)])
  })
  return found
}

/** What stands in a declaration for callers to see, without a body. */
function signature(lines: string[], start: number, kind: string): string {
  const rest = lines.slice(start + 1)
  const upTo = (last: RegExp): string[] => rest.slice(0, rest.findIndex((line) => last.test(line)) + 1)
  const first = lines[start] ?? ''
  switch (kind) {
    case 'interface':
      return [first, ...upTo(/^\S*\}/)].join('\n')
    case 'class':
      return [first, ...upTo(/^\}/).filter((line) => /^ {2}\S/.test(line) && !NOT_SHOWN.test(line))].join('\n')
    case 'type':
      return [first, ...upTo(/^(?! )/)].join('\n')
    case 'function':
      return first.endsWith('(') ? [first, ...upTo(/^\)/)].join('\n') : first
    default:
      return ''
  }
}

function typesIn(text: string, types: Set<string>): string[] {
  const code = text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/'[^'\n]*'/g, '')
  return [...new Set([...code.matchAll(/(?<!typeof )\b[A-Z]\w+\b/g)].map(([name]) => name))].filter((name) =>
    types.has(name),
  )
}

function membersOf(lines: string[], start: number, kind: string, owner: string): PublicSymbol[] {
  const opens = kind === 'interface' || kind === 'class' || (kind === 'type' && /= \{$/.test(lines[start] ?? ''))
  if (!opens || /\}$/.test(lines[start] ?? '')) return []
  const members: PublicSymbol[] = []
  for (let at = start + 1; at < lines.length && !/^\S*\}/.test(lines[at] ?? ''); at++) {
    const line = lines[at] ?? ''
    const name = MEMBER.exec(line)?.[1]
    if (name === undefined || NOT_SHOWN.test(line)) continue
    members.push({ where: owner + name, hasDocstring: hasDocstring(lines, at), shows: [] })
  }
  return members
}

/** Whether the lines above end a comment of the kind that editors show. */
function hasDocstring(lines: string[], at: number): boolean {
  let above = at - 1
  while (/^\s*(\/\/ biome-ignore|@)/.test(lines[above] ?? '')) above--
  if (!/\*\/$/.test(lines[above] ?? '')) return false
  while (above >= 0 && !/^\s*\/\*/.test(lines[above] ?? '')) above--
  return /^\s*\/\*\*/.test(lines[above] ?? '')
}
