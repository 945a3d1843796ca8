import type { CpuProfile } from './read-profiles.ts'

/** What V8 calls the time in which nothing ran. */
const AT_REST = new Set(['(idle)', '(root)'])

/**
 * The functions in which most time was spent, themselves and not what they called, over all threads: a table. `(program)`
 * is native code outside of any function, such as the engine's own and the system's.
 */
export function hottest(profiles: readonly CpuProfile[], count: number): string {
  const spent = new Map<string, number>()
  for (const { nodes, samples, timeDeltas } of profiles) {
    const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
    for (const [at, id] of samples.entries()) {
      const name = names.get(id) ?? '(unknown)'
      if (!AT_REST.has(name)) spent.set(name, (spent.get(name) ?? 0) + Math.max(0, timeDeltas[at] ?? 0))
    }
  }
  const busy = [...spent.values()].reduce((sum, time) => sum + time, 0)
  const rows = [...spent].sort(([, one], [, other]) => other - one).slice(0, count)
  const lines = rows.map(([name, time]) => `${((time / busy) * 100).toFixed(1).padStart(5)} %  ${name}\n`)
  return `Of ${(busy / 1e6).toFixed(1)} s in which a thread of the server ran:\n${lines.join('')}`
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)'
  if (url === '') return name
  const file = url.replace(/^.*\/(?=(?:node_modules|dist)\/)/, '')
  return `${name}  ${file}:${lineNumber + 1}`
}
