import { fail, onlyAfter } from './errors.ts'
import { type Account, accountOf, addressOf, platformOf } from './options.ts'
import { createRequest, type Place } from './request.ts'
import { overRequest } from './route.ts'
import { sessionStorage } from './session-storage.ts'
import { createSessions } from './sessions.ts'
import { codeDoor, type Door, type Post } from './sign-in.ts'
import type { Client, CodeOptions, Platform, SharedOptions } from './types.ts'
import { refusal } from './wire.ts'

/** How a client gets in. */
export interface Way {
  /** The Hufu server. */
  server: Place
  door: Door
  /** What a stored session must have been made with, beside the server, to be taken for ours. */
  of: unknown[]
}

export type WayOf<Options> = (options: Options, platform: Platform, account: Account) => Way

/** Method one: `wx.login`, or a simulated person during development. */
export const byCode: WayOf<CodeOptions> = ({ server, appId, dev }, platform, account) => {
  if (!appId) throw fail('config', { reason: 'appId' })
  if (dev && account.env === 'release') throw fail('config', { reason: 'dev' })
  const place = placeAt(addressOf(server, 'server', account), platform)
  return {
    server: place,
    door: codeDoor(platform, postTo(place), appId, dev?.person),
    of: [appId, dev?.person],
  }
}

/**
 * Puts a client together.
 *
 * @throws {HufuError} `config` when the options cannot work
 */
export function startClient<Options extends SharedOptions>(options: Options, wayOf: WayOf<Options>): Client {
  const platform = platformOf(options)
  const account = accountOf(platform)
  const { server, door, of } = wayOf(options, platform, account)
  const api = options.api ? placeAt(addressOf(options.api, 'api', account), platform) : server
  const storage = sessionStorage(platform, JSON.stringify([server.base, account.env, of]))
  const sessions = createSessions(storage, door, postTo(server))
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

export const placeAt = (base: string, platform: Platform): Place => ({ base, route: overRequest(platform, base) })

/**
 * The SDK's own calls of Hufu. Sent again once when the answer does not arrive: a code with its nonce and a refresh
 * token can be sent twice within half a minute and give the same session.
 */
export function postTo({ route }: Place): Post {
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
