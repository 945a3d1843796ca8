import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What the platform knows of a call: variables that it sets, with or without the `WX_` ones. */
export type Call = Readonly<Record<string, string>>

export interface CloudFunction {
  /** Invokes `main` as the platform does. */
  invoke(call: Call, event?: unknown): Promise<unknown>
  /** Invokes `main` for one call after the other, none waiting for another's answer. */
  invokeAll(calls: readonly Call[]): Promise<unknown[]>
  /** Everything that the function has printed. */
  printed(): string
  stop(): Promise<void>
}

const instance = fileURLToPath(new URL('instance.cjs', import.meta.url))

/**
 * Starts a cloud function in a process of its own, with the real wx-server-sdk.
 *
 * HUFU_TEST_FUNCTION_NODE may name another Node, such as the 12.16 that WeChat still offers; the function then loads the
 * built package, so build it before.
 *
 * @param file the function's index.js.
 * @param env the variables that the operator has set for it in the console.
 */
export async function startFunction(file: URL, env: Readonly<Record<string, string>> = {}): Promise<CloudFunction> {
  const otherNode = process.env.HUFU_TEST_FUNCTION_NODE
  const child = fork(instance, [fileURLToPath(file)], {
    execPath: otherNode ?? process.execPath,
    execArgv: otherNode ? [] : ['-C', 'source'],
    env: { PATH: process.env.PATH, TENCENTCLOUD_RUNENV: 'SCF', SCF_NAMESPACE: 'demo-env', TCB_ENV: 'demo-env', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)))
  const waiting = new Map<string, PromiseWithResolvers<unknown>>()
  const ready = Promise.withResolvers<void>()
  child.on('message', (message: { ready?: true; id?: string; result?: unknown; error?: string }) => {
    if (message.ready) ready.resolve()
    const call = message.id === undefined ? undefined : waiting.get(message.id)
    if (message.error === undefined) call?.resolve(message.result)
    else call?.reject(new Error(message.error))
  })
  child.on('exit', (code) => {
    const ended = new Error(`the function's process ended with ${code}: ${output}`)
    for (const call of [ready, ...waiting.values()]) call.reject(ended)
  })
  await ready.promise

  let invocations = 0
  const prepare = (call: Call, event: unknown) => {
    const id = `invocation-${++invocations}`
    const answer = Promise.withResolvers<unknown>()
    waiting.set(id, answer)
    const names = Object.keys(call).filter((name) => name.startsWith('WX_'))
    const keys = names.length > 0 ? { WX_CONTEXT_KEYS: names.join(',') } : {}
    return { message: { id, event, env: { ...keys, ...call } }, answer: answer.promise }
  }
  return {
    invoke(call, event = {}) {
      const { message, answer } = prepare(call, event)
      child.send([message])
      return answer
    },
    invokeAll(calls) {
      const prepared = calls.map((call) => prepare(call, {}))
      child.send(prepared.map(({ message }) => message))
      return Promise.all(prepared.map(({ answer }) => answer))
    },
    printed: () => output,
    async stop() {
      if (child.exitCode !== null) return
      child.kill()
      await once(child, 'exit')
    },
  }
}

/** @returns the address of the function that people deploy. */
export const exampleFunction = () => new URL('../../../../examples/cloudfunction/index.js', import.meta.url)
