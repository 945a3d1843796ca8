import { gzipSync } from 'node:zlib'
import { type AnyNode, type Pattern, parse } from 'acorn'

/** What the mini-program engine has from the beginning: ES5, Promise, timers, console and the platform object. */
const known = new Set(
  (
    'wx setTimeout clearTimeout console exports undefined arguments ' +
    'Array Boolean Date Error JSON Math Number Object Promise RegExp String isNaN parseInt'
  ).split(' '),
)

/** Members that the oldest engines we serve lack, though the syntax allows to name them. */
const tooNew =
  /\.(finally|allSettled|fromEntries|entries|values|assign|includes|padStart|startsWith|endsWith|find|findIndex|flat|flatMap|setPrototypeOf)\(/g

/**
 * Everything in a CommonJS file that an old mini-program engine would trip over, in words.
 *
 * Parsing as ES5 refuses newer syntax; a walk over the tree finds names that nothing declares.
 */
export function problemsOf(code: string): string[] {
  let program: AnyNode
  try {
    program = parse(code, { ecmaVersion: 5, sourceType: 'script', locations: true })
  } catch (error) {
    return [`not ES5: ${(error as Error).message}`]
  }
  const free = new Set<string>()
  visit(program, new Set(known), free)
  return [
    ...[...free].map((name) => `uses the global name ${name}`),
    ...[...code.matchAll(tooNew)].map((match) => `calls ${match[0].slice(1, -1)}, which old engines lack`),
  ]
}

export const gzipped = (code: string): number => gzipSync(code, { level: 9 }).length

const isNode = (value: unknown): value is AnyNode => typeof value === 'object' && value !== null && 'type' in value

function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flat().filter(isNode)
}

/** ES5 has functions and catch clauses for scopes, and nothing else. */
function visit(node: AnyNode, scope: Set<string>, free: Set<string>): void {
  if (node.type === 'Identifier') {
    if (!scope.has(node.name)) free.add(node.name)
    return
  }
  const inner = new Set([...scope, ...declaredBy(node)])
  for (const [member, child] of membersOf(node)) {
    const isName = !('computed' in node && node.computed) && (member === 'property' || member === 'key')
    const isLabel = member === 'label'
    if (!isName && !isLabel) visit(child, inner, free)
  }
}

function membersOf(node: AnyNode): [string, AnyNode][] {
  return Object.entries(node).flatMap(([member, value]) =>
    [value]
      .flat()
      .filter(isNode)
      .map((child): [string, AnyNode] => [member, child]),
  )
}

/** The names that a scope brings: a program, a function with its parameters, or a catch clause. */
function declaredBy(node: AnyNode): string[] {
  if (node.type === 'Program') return declaredIn(node)
  if (node.type === 'CatchClause') return node.param ? [nameOf(node.param)] : []
  if (node.type !== 'FunctionDeclaration' && node.type !== 'FunctionExpression') return []
  return [...node.params.map(nameOf), ...(node.id ? [node.id.name] : []), ...declaredIn(node.body)]
}

/** `var` and function names of one function body, not of the functions inside it. */
function declaredIn(node: AnyNode): string[] {
  return childrenOf(node).flatMap((child) => {
    if (child.type === 'FunctionDeclaration') return child.id ? [child.id.name] : []
    if (child.type === 'FunctionExpression') return []
    const own = child.type === 'VariableDeclarator' ? [nameOf(child.id)] : []
    return [...own, ...declaredIn(child)]
  })
}

function nameOf(pattern: Pattern): string {
  if (pattern.type !== 'Identifier') throw new Error(`${pattern.type} is not ES5`)
  return pattern.name
}
