import { readFileSync } from 'node:fs'
import { program } from './command/program.ts'
import { ConfigError } from './config/config.ts'
import { ProblemError } from './domain/problem-error.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

try {
  await program(process.env, version).parseAsync()
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exitCode = error instanceof ConfigError ? 2 : 1
}

/** What went wrong and what to do, without a stack, unless it is a fault of ours. */
function explain(error: unknown): string {
  if (error instanceof ConfigError)
    return `The configuration cannot be used · 配置有误:\n${error.message.replace(/^/gm, '  ')}`
  if (error instanceof ProblemError) return error.message
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `The port is taken: ${error.message}. Stop the other process, or set HUFU_PORT, HUFU_ADMIN_PORT, HUFU_SIMULATOR_PORT · 端口被占用`
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
