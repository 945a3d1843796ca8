import { readFileSync } from 'node:fs'
import { program } from './command/program.ts'
import { tellFailure } from './command/tell-failure.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

// A server that runs hears of these by itself; until then, and in every other command, they end it like any failure.
process.setUncaughtExceptionCaptureCallback(end)
try {
  await program(process.env, version).parseAsync()
} catch (error) {
  end(error)
}

/** Says what went wrong and ends the process: whatever was not closed on the way here must not keep it. */
function end(error: unknown): void {
  const { text, exit } = tellFailure(error)
  process.exitCode = exit
  if (text === '') process.exit()
  else process.stderr.write(`${text}\n`, () => process.exit())
}
