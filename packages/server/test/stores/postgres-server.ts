import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromProgram, ToProgram } from './postgres-program.ts'

/** A PostgreSQL of one's own. It ends with this process, however this process ends. */
export interface PostgresServer {
  /** Of the database `postgres`, as a user who may do everything. */
  url: string
  /** `immediate` is a crash: nothing is flushed, the next start recovers. */
  stop(how: 'fast' | 'immediate'): Promise<void>
  startAgain(): Promise<void>
}

/** Starts one in about two seconds. Without `fsync` it is quicker, and nothing about durability can be learned from it. */
export async function startPostgres({ fsync }: { fsync: boolean }): Promise<PostgresServer> {
  const program = fork(fileURLToPath(new URL('postgres-program.ts', import.meta.url)), {
    execArgv: [],
    detached: true, // whoever kills a whole test run must leave it to clean up
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  program.unref()
  const { url } = await ask(program, { start: { fsync } })
  return {
    url: url ?? '',
    stop: async (how) => void (await ask(program, { stop: how })),
    startAgain: async () => void (await ask(program, { startAgain: true })),
  }
}

/** While an answer is awaited the channel holds this process; otherwise it must not. */
async function ask(program: ChildProcess, message: ToProgram): Promise<{ url?: string }> {
  program.channel?.ref()
  try {
    const answer = await new Promise<FromProgram>((resolve, reject) => {
      program.once('message', resolve)
      program.once('exit', () => reject(new TypeError('the PostgreSQL of the tests ended')))
      program.send(message)
    })
    if ('failed' in answer) throw new TypeError(answer.failed)
    return 'url' in answer ? answer : {}
  } finally {
    program.removeAllListeners()
    program.channel?.unref()
  }
}
