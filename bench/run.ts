import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CONTESTANTS } from './contestants/contestant.ts'
import { HELP } from './help.ts'
import { LoadProcess } from './load/load-process.ts'
import { type Options, PARTS, readOptions, UsageError } from './options.ts'
import { profile } from './profile/profile.ts'
import { loadPerProcessor, machine } from './report/machine.ts'
import { report } from './report/report.ts'
import { runParts } from './run-parts.ts'
import { repository } from './servers/program.ts'
import { publish } from './servers/published.ts'
import { startUpstream } from './world/upstream.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

/** A part of a run leaves alone what a whole one said, and what the README shows of it. */
const isWhole = ({ parts, contestants, against }: Options): boolean =>
  parts.length === PARTS.length && contestants.length === CONTESTANTS.length - 1 && against === undefined

async function run(options: Options): Promise<number> {
  const before = { at: new Date(), machine: machine(), load: loadPerProcessor() }
  const scratch = mkdtempSync(join(options.folder, 'hufu-bench-'))
  const upstream = await startUpstream()
  const loads = new LoadProcess()
  try {
    const command = publish(repository, join(scratch, 'published'))
    const surroundings = { scratch, command, upstream: upstream.url, loads }
    if (options.profile) {
      process.stdout.write(await profile(surroundings, options))
      return 0
    }
    const findings = await runParts(surroundings, options)
    const { folder: _, ...asked } = options
    const into = isWhole(options) ? here : join(here, 'results')
    const { text, exitCode } = report({ ...before, options: asked, findings }, into)
    process.stdout.write(text)
    return exitCode
  } finally {
    loads.stop()
    upstream.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') process.stdout.write(HELP)
  else process.exitCode = await run(options)
} catch (error) {
  const isUsage = error instanceof UsageError
  process.stderr.write(`${(error as Error).message}\n${isUsage ? 'npm run bench -- --help\n' : ''}`)
  process.exitCode = isUsage ? 2 : 1
}
