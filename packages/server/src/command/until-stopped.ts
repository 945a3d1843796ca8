import type { Log } from '../ports/log.ts'
import type { RunningServer } from '../runtime/start-server.ts'

/** Resolves when the process has been asked to stop and everything is closed. A second request stops it at once. */
export function untilStopped(server: Pick<RunningServer, 'stop'>, log: Log): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const stop = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(1)
      asked = true
      log.info('stopping', { signal })
      server
        .stop()
        .catch((error: Error) => log.error('stop_failed', error))
        .finally(resolve)
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
}
