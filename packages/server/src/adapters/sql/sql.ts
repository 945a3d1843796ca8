/** What a column holds, in every store that we speak to. */
export type Value = string | number | Uint8Array | null
export type Row = Record<string, Value>

/** One statement: its text, which a connection prepares once, and the values of this time. */
export interface Statement {
  readonly text: SqlText
  readonly values: Value[]
}

/** What a transaction is made of: statements are yielded and handed their rows; in the end there is an outcome. */
export type Statements<Output> = Generator<Statement, Output, Row[]>

/** How a database spells what two databases spell differently. */
export interface Dialect {
  /** A value's place in the text. @param number 1 for the first */
  place(number: number): string
  /** Whether rows are locked by words: where there is one writer, and for whoever only looks, nothing changes anyway. */
  hasLocks: boolean
}

/** Words that lock the rows a statement finds, until the transaction ends. */
class LockWords {
  readonly words: string
  constructor(words: string) {
    this.words = words
  }
}

/** Words of SQL that stand in several statements: part of the text, never a value. */
export class Fragment {
  readonly words: readonly (string | LockWords)[]
  constructor(words: readonly (string | LockWords)[]) {
    this.words = words
  }
}

const VALUE = Symbol('the place of a value')

/** The text of a statement without its values. The same words in the same template are always the same object. */
export class SqlText {
  readonly #pieces: readonly (string | LockWords | typeof VALUE)[]

  constructor(pieces: readonly (string | LockWords | typeof VALUE)[]) {
    this.#pieces = pieces
  }

  in({ place, hasLocks }: Dialect): string {
    let values = 0
    const spell = (piece: string | LockWords | typeof VALUE): string => {
      if (typeof piece === 'string') return piece
      if (piece === VALUE) return place(++values)
      return hasLocks ? piece.words : ''
    }
    return this.#pieces.map(spell).join('')
  }
}

/** What is known of a template, or of its beginning up to a fragment. */
interface CachedTemplate {
  text: SqlText | undefined
  next: Map<Fragment, CachedTemplate> | undefined
  /** Which of its places hold fragments; undefined when none does. */
  fragmentsAt: readonly boolean[] | undefined
}

const templates = new Map<TemplateStringsArray, CachedTemplate>()

/**
 * A statement, written as it reads: values and fragments stand in their places. `undefined` is NULL. What stands in a
 * place is always a fragment or always a value; for a fragment that is sometimes left out there is `nothing`.
 */
export function sql(template: TemplateStringsArray, ...given: (Value | undefined | Fragment)[]): Statement {
  const cached = templates.get(template) ?? cacheTemplate(template, given)
  return cached.fragmentsAt ? composed(template, cached, cached.fragmentsAt, given) : plain(cached, given)
}

function plain({ text }: CachedTemplate, given: (Value | undefined | Fragment)[]): Statement {
  for (let place = 0; place < given.length; place++) {
    const one = given[place]
    if (one === undefined) given[place] = null
    else if (one instanceof Fragment) throw mixedUp()
  }
  return { text: text as SqlText, values: given as Value[] }
}

function composed(
  template: TemplateStringsArray,
  first: CachedTemplate,
  fragmentsAt: readonly boolean[],
  given: (Value | undefined | Fragment)[],
): Statement {
  let cached = first
  const values: Value[] = []
  for (let place = 0; place < given.length; place++) {
    const one = given[place]
    if (one instanceof Fragment !== fragmentsAt[place]) throw mixedUp()
    if (one instanceof Fragment) cached = cachedWith(cached, one)
    else values.push(one ?? null)
  }
  cached.text ??= textOf(template, given)
  return { text: cached.text, values }
}

function cacheTemplate(template: TemplateStringsArray, given: (Value | undefined | Fragment)[]): CachedTemplate {
  const isComposed = given.some((one) => one instanceof Fragment)
  const cached: CachedTemplate = {
    text: isComposed ? undefined : textOf(template, given),
    next: undefined,
    fragmentsAt: isComposed ? given.map((one) => one instanceof Fragment) : undefined,
  }
  templates.set(template, cached)
  return cached
}

function cachedWith(cached: CachedTemplate, fragment: Fragment): CachedTemplate {
  cached.next ??= new Map()
  const next = cached.next.get(fragment) ?? { text: undefined, next: undefined, fragmentsAt: undefined }
  cached.next.set(fragment, next)
  return next
}

const textOf = (template: TemplateStringsArray, given: readonly (Value | undefined | Fragment)[]): SqlText =>
  new SqlText(
    template.flatMap((words, place) => {
      if (place === given.length) return [words]
      const one = given[place]
      return [words, ...(one instanceof Fragment ? one.words : [VALUE as typeof VALUE])]
    }),
  )

const mixedUp = (): TypeError => new TypeError('a place in a statement holds a fragment now and a value another time')

/** Words to stand in statements: column lists, conditions without values. */
export const fragment = (template: TemplateStringsArray, ...parts: Fragment[]): Fragment =>
  new Fragment(template.flatMap((words, place) => [words, ...(parts[place]?.words ?? [])]))

/** For the place of a fragment that is left out this time. */
export const nothing = new Fragment([])

/** Constants of our own, spelled out as a list: `'a', 'b'`. */
export function spelledOut(names: readonly string[]): Fragment {
  if (!names.every((name) => /^[\w.-]+$/.test(name))) throw new TypeError('only names of our own are spelled out')
  return new Fragment([names.map((name) => `'${name}'`).join(', ')])
}

/** Marks the rows found, or those of some of the tables, by their short names, as not to be changed until the commit. */
type Locking = (...of: string[]) => Fragment

function locking(strength: string): Locking {
  const made = new Map<string, Fragment>()
  return (...of) => {
    const names = of.join(', ')
    const cached = made.get(names)
    if (cached) return cached
    const words = new Fragment([new LockWords(names === '' ? strength : `${strength} OF ${names}`)])
    made.set(names, words)
    return words
  }
}

/** Nobody else may change the rows or hold them. */
export const forUpdate = locking('FOR UPDATE')
/** Nobody else may change the rows; others may still refer to them. */
export const forNoKeyUpdate = locking('FOR NO KEY UPDATE')
/** Nobody may change the rows, but others may hold them like this too. */
export const forShare = locking('FOR SHARE')
/** Nobody may remove the rows or change their key. */
export const forKeyShare = locking('FOR KEY SHARE')

/** The first row found. */
export function* one(statement: Statement): Statements<Row | undefined> {
  return (yield statement)[0]
}

/** Every row found. */
export function* all(statement: Statement): Statements<Row[]> {
  return yield statement
}

/** For what it does alone. */
export function* run(statement: Statement): Statements<void> {
  yield statement
}

/** How many rows a writing statement changed: it must end in `RETURNING 1`. */
export function* count(statement: Statement): Statements<number> {
  return (yield statement).length
}
