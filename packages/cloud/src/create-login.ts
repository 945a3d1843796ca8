import { randomBytes } from 'crypto'
import cloud from 'wx-server-sdk'
import { signAssertion } from './assertion.ts'
import { readCaller } from './caller.ts'
import { ProblemError, problemOf } from './errors.ts'
import { type LoginOptions, readOptions } from './options.ts'
import { createPost, NoReply } from './post.ts'
import { type LoginResult, readReply } from './read-reply.ts'

/**
 * Makes the `main` of a cloud function that signs its caller in to Hufu.
 *
 * Who is calling is what WeChat's platform says; nothing in the event is looked at. The result is the session, or
 * `{ problem }`: neither this function nor `main` ever throws, because what a cloud function throws reaches the mini program
 * as text only. Wrong options are such a problem too (`server_misconfigured`, naming all of them).
 */
export function createLogin(options: LoginOptions): (event?: unknown, context?: unknown) => Promise<LoginResult> {
  const login = prepare(options)
  return async function main(_event, context) {
    const requestId = requestIdOf(context)
    try {
      // First of all and before any `await`: the platform keeps the caller in the process's environment.
      return await login({ ...cloud.getWXContext() }, requestId)
    } catch (thrown) {
      return { problem: problemOf(thrown, requestId) }
    }
  }
}

type Login = (wxContext: Record<string, unknown>, requestId: string) => Promise<LoginResult>

function prepare(options: LoginOptions): Login {
  const setup = readOptions(options)
  if (setup instanceof ProblemError) return () => Promise.reject(setup)
  const post = createPost(setup.address)
  return async (wxContext, requestId) => {
    const person = readCaller(wxContext, setup.rules)
    const key = setup.keyOf(person.appid)
    const deadline = Date.now() + setup.timeoutMs
    const send = () => {
      const now = Date.now()
      const assertion = signAssertion(key, person, setup.audience, now)
      return post(JSON.stringify({ assertion }), Math.max(1, deadline - now))
    }
    // The second try bears an assertion of its own, since the server takes each one only once.
    const reply = await send()
      .catch((error) => (isStale(error) ? send() : Promise.reject(error)))
      .catch(unavailable)
    return readReply(reply, requestId)
  }
}

const isStale = (error: unknown) => error instanceof NoReply && error.stale

function unavailable(error: unknown): never {
  if (!(error instanceof NoReply)) throw error
  throw new ProblemError('upstream_unavailable', `The Hufu server did not answer (${error.reason}).`)
}

/** The platform's own name of this invocation, by which the function's log can be searched. */
function requestIdOf(context: unknown): string {
  const { request_id: given } = (typeof context === 'object' && context !== null ? context : {}) as Record<
    string,
    unknown
  >
  return typeof given === 'string' && given !== '' ? given : `fn_${randomBytes(8).toString('hex')}`
}
