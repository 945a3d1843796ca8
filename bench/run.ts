import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { measureHot } from './figures/hot.ts'
import { measureMemory } from './figures/memory.ts'
import { measurePostgres } from './figures/postgres.ts'
import { measureSearch } from './figures/search.ts'
import { measureSize } from './figures/size.ts'
import { measureSpeed } from './figures/speed.ts'
import { measureStart } from './figures/start.ts'
import { readOptions } from './options.ts'
import { type Figure, report } from './report.ts'
import { say } from './say.ts'
import { publish } from './servers/published.ts'
import { startUpstream } from './world/upstream.ts'

const options = readOptions(process.argv.slice(2))
if (options !== 'help') {
  const scratch = mkdtempSync(join(options.folder, 'hufu-bench-'))
  const upstream = await startUpstream()
  const figures: Figure[] = []
  const raw: Record<string, object> = {}
  const measure = async (name: string, measured: () => Promise<{ figures: Figure[]; raw: object }>): Promise<void> => {
    const began = performance.now()
    const found = await measured()
    figures.push(...found.figures)
    raw[name] = found.raw
    say(`${name}: done in ${((performance.now() - began) / 1000).toFixed(0)} s`)
  }
  try {
    const surroundings = { scratch, upstream: upstream.url, command: publish(scratch) }
    if (options.start) await measure('start', () => measureStart(surroundings))
    if (options.memory) await measure('memory', () => measureMemory(surroundings, options))
    if (options.speed) await measure('speed', () => measureSpeed(surroundings, options))
    if (options.size) await measure('size', () => measureSize(surroundings, options))
    if (options.hot) await measure('hot', () => measureHot(surroundings, options))
    if (options.search) await measure('search', () => measureSearch(surroundings, options))
    if (options.postgres) await measure('postgres', () => measurePostgres(surroundings, options))
    report(figures, { options, ...raw })
  } finally {
    upstream.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}
