import { createContext, runInContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { createFakeWx, createVirtualTime, type FakeWx, type Responder, type VirtualTime } from '@hufu/simulator/wx'
import { build } from 'esbuild'
import { shrink } from '../../packages/miniprogram/build/compile.mts'

/** What a mini program's logic layer offers to a script, with time that stands still until it is told to pass. */
export interface Engine {
  time: VirtualTime
  fake: FakeWx
  /** Runs a CommonJS bundle and gives its exports. */
  load(code: string): Record<string, unknown>
}

/**
 * @param respond every back end the script may call
 * @param more members of `wx` that this script needs beside those of the fake
 */
export function newEngine(respond: Responder, more: object = {}): Engine {
  const time = createVirtualTime()
  const latency = { login: 50, request: 50 }
  let codes = 0
  const nextCode = () => {
    codes += 1
    return `mei#${codes}`
  }
  const fake = createFakeWx({ appId: 'wx1', scheduler: time, latency, respond, codes: nextCode })
  const { setTimeout, clearTimeout, now } = time
  const quiet = { log() {}, warn() {}, error() {} }
  const none = () => {}
  const module = { exports: {} }
  const context = createContext({
    ...{
      wx: { ...fake.wx, ...more },
      console: quiet,
      setTimeout,
      clearTimeout,
      setInterval: none,
      clearInterval: none,
    },
    ...{ App: none, Page: none, virtualNow: now, module, exports: module.exports },
  })
  const virtualDate = `Date = class extends Date {
    constructor(...given) { given.length > 0 ? super(...given) : super(virtualNow()) }
    static now() { return virtualNow() }
  }`
  runInContext(virtualDate, context)
  const load = (code: string) => {
    runInContext(code, context)
    return runInContext('module.exports', context) as Record<string, unknown>
  }
  return { time, fake, load }
}

/** One file with everything that an entry needs, as a bundler makes it. */
export async function bundle(contents: string, resolveDir: string): Promise<string> {
  const built = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    write: false,
    format: 'cjs',
    target: 'es2017',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['source'],
    charset: 'utf8',
    logLevel: 'error',
  })
  return built.outputFiles[0]?.text ?? ''
}

export interface Size {
  minified: number
  gzipped: number
}

/** What a CommonJS file weighs after the same minifier that our own build is held to. */
export async function sizeOf(commonJs: string): Promise<Size> {
  const code = await shrink(commonJs)
  return { minified: Buffer.byteLength(code), gzipped: gzipSync(code, { level: 9 }).length }
}
