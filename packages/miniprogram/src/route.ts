import { call } from './call.ts'
import { merge } from './errors.ts'
import type { Platform, PlatformReply, Reply, RequestOptions } from './types.ts'

export type Header = Record<string, string>

/** A way to one back end: sends a request to a path there. Any status is an answer; only the transport fails. */
export type Route = (path: string, options: Omit<RequestOptions, 'url'>, header: Header) => Promise<Reply>

/** The way through `wx.request`. */
export const overRequest =
  (platform: Platform, base: string): Route =>
  (path, options, header) =>
    send(options, (rest) => platform.request(merge(rest, { url: base + path, header })))

/** Sends by one of the platform's two functions, and waits a little longer than it should ever take. */
export function send(
  options: Omit<RequestOptions, 'url'>,
  start: (callbacks: { success(reply: PlatformReply): void; fail(failure: { errMsg: string }): void }) => unknown,
): Promise<Reply> {
  return call<PlatformReply>(
    (callbacks) => {
      const task = start(merge(merge({}, options), callbacks))
      if (options.onTask) options.onTask(task)
      return task
    },
    (options.timeout || 60000) + 5000,
    'network',
  ).then((reply) => {
    const header: Header = {}
    for (const name in reply.header) header[name.toLowerCase()] = String(reply.header[name])
    return merge(reply, { header })
  })
}
