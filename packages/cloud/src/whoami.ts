import cloud from 'wx-server-sdk'
import { type CallerRules, faultsOf, type Person, readCaller } from './caller.ts'
import { ProblemError } from './errors.ts'

/**
 * Says who is calling this cloud function, for a function that needs no server.
 *
 * Call it first thing in `main`, before any `await`: the platform keeps the caller in the process's environment, where the
 * next invocation will replace it.
 *
 * @throws {ProblemError} `forbidden`, `app_unknown`, or `server_misconfigured` when the rules make no sense.
 */
export function whoami(rules: CallerRules & { appIds: readonly string[] }): Person {
  const faults = Array.isArray(rules?.appIds) ? faultsOf(rules) : ['appIds must list AppIDs']
  if (faults.length > 0) throw new ProblemError('server_misconfigured', `whoami: ${faults.join('; ')}.`)
  return readCaller({ ...cloud.getWXContext() }, rules)
}
