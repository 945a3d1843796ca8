import type { Log } from '../ports/log.ts'
import type { RunningServer } from '../runtime/start-server.ts'

/**
 * Milliseconds. A signal that comes again so soon is the same request: whoever signals a process group reaches this
 * process directly, and once more through npm or a shell that passes it on.
 */
const SAME_REQUEST = 2000
/** Milliseconds between two looks at who the parent is. */
const PARENT_CHECK = 250
/** Milliseconds within which a server that failed must have closed: longer than requests under way are waited for. */
const PATIENCE = 15_000

/** What asks a process to stop, and how it ends; another in tests. */
export interface Surroundings {
  on(signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP', heard: (signal: string) => void): unknown
  /** Hears of every exception and rejection that nobody caught. */
  setUncaughtExceptionCaptureCallback(heard: ((error: Error) => void) | null): void
  exit(code: number): void
  readonly ppid: number
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds on a clock that only goes forward. */
  now(): number
}

const thisProcess: Surroundings = {
  on: (signal, heard) => process.on(signal, heard),
  setUncaughtExceptionCaptureCallback: (heard) => process.setUncaughtExceptionCaptureCallback(heard),
  exit: (code) => process.exit(code),
  get ppid() {
    return process.ppid
  },
  env: process.env,
  now: () => performance.now(),
}

/**
 * Resolves when the process has been asked to stop and everything is closed. A second request, 2 s after the first or
 * later, ends it at once.
 *
 * @throws what the server failed by, when that ended it: it has been logged, and everything is closed
 */
export function untilStopped(
  server: Pick<RunningServer, 'stop' | 'failed'>,
  log: Log,
  around: Surroundings = thisProcess,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let askedAt: number | undefined
    let failure: Error | undefined
    const watching =
      around.env.npm_lifecycle_event !== undefined ? watchParent(around, () => ask('parent gone')) : undefined
    const close = (): void => {
      clearInterval(watching)
      server
        .stop()
        .catch((error: Error) => {
          failure ??= error
          log.error('stop_failed', error)
        })
        .finally(() => (failure ? reject(failure) : resolve()))
    }
    const ask = (why: string): void => {
      if (askedAt !== undefined) {
        if (around.now() - askedAt >= SAME_REQUEST) around.exit(1)
        return
      }
      askedAt = around.now()
      log.info('stopping', { signal: why })
      close()
    }
    const fail = (error: Error): void => {
      log.error('failed', error)
      if (failure) return
      failure = error
      setTimeout(() => around.exit(1), PATIENCE).unref()
      if (askedAt === undefined) close()
      askedAt ??= around.now()
    }
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) around.on(signal, ask)
    around.setUncaughtExceptionCaptureCallback(null) // there is room for one
    around.setUncaughtExceptionCaptureCallback((thrown) => fail(asError(thrown)))
    server.failed.then(fail)
  })
}

/** npm and npx hand a signal to the shell between us, which may end without a word: then somebody else is our parent. */
function watchParent(around: Surroundings, gone: () => void): NodeJS.Timeout {
  const parent = around.ppid
  return setInterval(() => {
    if (around.ppid !== parent) gone()
  }, PARENT_CHECK).unref()
}

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new TypeError('something that is no error was thrown')
