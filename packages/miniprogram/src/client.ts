import { fail, onlyAfter } from './errors.ts'
import { exchangeCode, type LoginStrategy, type Post } from './exchange-code.ts'
import { type Account, accountOf, addressOf, platformOf } from './options.ts'
import { type Backend, createRequest } from './request.ts'
import { overRequest } from './route.ts'
import { sessionStorage } from './session-storage.ts'
import { createSessions } from './sessions.ts'
import type { Client, CodeOptions, Platform, SharedOptions } from './types.ts'
import { refusal } from './wire.ts'

/** What a login method needs of the options, once they are read. */
export interface LoginSetup {
  /** The Hufu server. */
  server: Backend
  logIn: LoginStrategy
  /** What a stored session must have been made with, beside the server, to be taken for ours. */
  madeWith: unknown[]
}

/** Reads the options of one login method. @throws {HufuError} `config` */
export type SetUpLogin<Options> = (options: Options, platform: Platform, account: Account) => LoginSetup

/** Login method `code`: `wx.login`, or a simulated person during development. */
export const byCode: SetUpLogin<CodeOptions> = ({ server, appId, dev }, platform, account) => {
  if (!appId) throw fail('config', { reason: 'appId' })
  if (dev && account.env === 'release') throw fail('config', { reason: 'dev' })
  const backend = backendAt(addressOf(server, 'server', account), platform)
  return {
    server: backend,
    logIn: exchangeCode(platform, postTo(backend), appId, dev?.person),
    madeWith: [appId, dev?.person],
  }
}

/**
 * Puts a client together.
 *
 * @throws {HufuError} `config` when the options cannot work
 */
export function startClient<Options extends SharedOptions>(options: Options, setUpLogin: SetUpLogin<Options>): Client {
  const platform = platformOf(options)
  const account = accountOf(platform)
  const { server, logIn, madeWith } = setUpLogin(options, platform, account)
  const api = options.api ? backendAt(addressOf(options.api, 'api', account), platform) : server
  const storage = sessionStorage(platform, JSON.stringify([server.base, account.env, madeWith]))
  const sessions = createSessions(storage, logIn, postTo(server))
  const ready = () => sessions.obtain().then(({ user }) => user)
  return {
    login() {
      sessions.reopen()
      return ready()
    },
    ready,
    request: createRequest(sessions, { api, server }, options.headers) as Client['request'],
    user: sessions.user,
    logout: sessions.end,
    onChange: sessions.onChange,
  }
}

export const backendAt = (base: string, platform: Platform): Backend => ({ base, route: overRequest(platform, base) })

/**
 * The SDK's own calls of Hufu. Sent again once when the answer does not arrive: a code with its nonce and a refresh
 * token can be sent twice within half a minute and give the same session.
 */
export function postTo({ route }: Backend): Post {
  return (path, data) => {
    // A redirect would carry the code or the refresh token to an address that nobody configured.
    const send = () => route(path, { method: 'POST', data, timeout: 10000, redirect: 'manual' }, {})
    return send()
      .catch(onlyAfter('network', send))
      .then((reply) => {
        if (reply.statusCode < 300) return reply.data
        throw refusal(reply)
      })
  }
}
