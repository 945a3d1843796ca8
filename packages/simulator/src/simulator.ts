import type { Call } from './call-log.ts'
import type { LoginOptions } from './codes.ts'
import type { ActiveFault, FaultRule } from './fault-rules.ts'
import type { Listener, ListenOptions } from './listener.ts'
import type { OpenData, OpenDataKind } from './open-data.ts'
import type { Reply, Suffix } from './reply.ts'
import type { AppInput, PersonInput, Settings } from './world.ts'

/** How the simulated WeChat behaves; everything may be left out. */
export type SimulatorOptions = Partial<Settings> & {
  /** The same seed and the same calls give the same ids, codes and keys. */
  seed?: string
  /** Varies the login and phone codes alone: a server that remembers codes must not meet those of an earlier run again. */
  codeSeed?: string
  /** Unix time in milliseconds; the system's clock by default. */
  now?: () => number
  /** How an errmsg ends: WeChat's present form by default. */
  suffix?: Suffix
  /** How many calls are remembered; 1000 by default. */
  keepCalls?: number
}

/** One identity as the simulated WeChat derives it. */
export type SimulatedIdentity = { appId: string; openid: string; unionid: string | null }

/**
 * A WeChat in memory.
 *
 * Members that name an app or a person throw `SimulatorError` `not_found` when there is none, and `invalid_request`
 * for what no WeChat would do.
 */
export type Simulator = {
  /** Registers an app, or changes a known one (a new secret, a frozen one, another Open Platform account). */
  addApp(app: AppInput): void
  /** Makes a person, or changes one. */
  addPerson(person: PersonInput): void
  /** What `wx.login` or the OAuth page would hand over: a code, for its app alone, five minutes, once. */
  login(appId: string, person: string, options?: LoginOptions): string
  /** What the phone-number button would hand over. */
  phoneCode(appId: string, person: string): string
  /** What `wx.getUserInfo` or the old phone-number button would hand over, under the current session_key. */
  openData(appId: string, person: string, kind?: OpenDataKind): OpenData
  /** What `wx.checkSession` sees: whether this person's latest session_key in this app is alive. */
  checkSession(appId: string, person: string): boolean
  /** The current session_key, for a test that looks for leaks; nothing before a login. */
  sessionKey(appId: string, person: string): string | undefined
  /** What a login on another device does: the session_key that a server holds is stale from now on. */
  rotateSessionKey(appId: string, person: string): void
  /** The person in this app; always the same. */
  openid(appId: string, person: string): string
  /** Nothing while the app is not bound. */
  unionid(appId: string, person: string): string | undefined
  /** The person in every app. */
  identities(person: string): SimulatedIdentity[]
  /** Binds an app to an Open Platform account, moves it to another, or (null) takes it out. */
  bind(appId: string, openAccount: string | null): void
  /** Makes something go wrong; see `faults` for what. */
  fault(rule: FaultRule): ActiveFault
  /** The rules that are in force, in the order they were made. */
  faults(): ActiveFault[]
  /** Ends every fault, and opens a port that one had shut. */
  clearFaults(): void
  /** Moves the simulated time. */
  advance(seconds: number): void
  /** Simulated Unix time in milliseconds. */
  now(): number
  /** The latest calls to the WeChat side, oldest first, without secrets. */
  calls(): Call[]
  /** All calls since the start, also those no longer remembered. */
  callCount(): number
  /**
   * Answers one request as WeChat would, without sockets. Faults of the answer apply; a fault that leaves no answer
   * gives status 0 and nothing; faults of delivery (slow, half, twice) do not show.
   */
  answer(method: string, target: string, body?: string): Reply
  /** Serves WeChat's paths and the control side `/_sim`. `close()` ends hanging connections too. */
  listen(options?: ListenOptions): Promise<Listener>
}
