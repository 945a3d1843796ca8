import type { AppKind } from './app-kinds.ts'
import type { Clock } from './clock.ts'
import { createIds, type Ids } from './ids.ts'

export const risks = ['normal', 'blocked'] as const
/** `blocked`: WeChat rates this person high-risk and refuses their login with 40226. */
export type Risk = (typeof risks)[number]

/** An app to register. */
export type AppInput = {
  /** 1 to 64 letters, digits, `_` or `-`. */
  appId: string
  /** Cannot change later. */
  kind: AppKind
  /** The AppSecret; any text but an empty one. */
  secret: string
  /** The Open Platform account (开放平台账号) that the app is bound to; unbound apps have no unionid. */
  openAccount?: string | null | undefined
  /** An administrator froze the secret: every use of it is answered with 40243. */
  frozen?: boolean | undefined
}
/** A person to make. `name` is how everything else refers to them; `phone` is made up where it is left out. */
export type PersonInput = { name: string; phone?: string | undefined; risk?: Risk | undefined }

export type App = {
  readonly id: string
  readonly kind: AppKind
  secret: string
  frozen: boolean
  openAccount: string | null
  /** By the person's name, and by their openid. */
  readonly visits: Map<string, Visit>
  readonly openids: Map<string, Visit>
  /** The newest of each line, which do not touch each other, and when a refresh was forced. */
  readonly tokens: { classic?: AppToken; stable?: AppToken; forcedAt: number[] }
}
export type Person = { readonly name: string; phone: string; risk: Risk }

/** One person in one app: what WeChat remembers about the two together. */
export type Visit = {
  readonly app: App
  readonly person: Person
  readonly openid: string
  unionid: string
  /** The Open Platform account that `unionid` was derived for. */
  unionidFrom: string | null
  codes: number
  sessionKey: string
  sessionKeys: number
  rotatedAt: number
  keyExpiresAt: number
  payloads: number
  minute: number
  callsInMinute: number
}

export type Code = {
  readonly visit: Visit
  readonly kind: 'login' | 'oauth' | 'phone'
  readonly expiresAt: number
  readonly scope: string
  readonly snapshot: boolean
  used: boolean
}

/** An app's own access token. It dies before it expires when another takes its place. */
export type AppToken = { readonly app: App; readonly value: string; readonly expiresAt: number; deadAt: number }

/** What OAuth gives: an access token for one person in one app, and what renews it. */
export type UserToken = {
  readonly visit: Visit
  readonly openid: string
  readonly unionid: string | undefined
  readonly scope: string
  readonly snapshot: boolean
  access: string
  readonly refresh: string
  accessUntil: number
  readonly refreshUntil: number
}

/** What a simulated WeChat allows, and for how long. */
export type Settings = {
  /** Takes `hufu-dev:<person>` and the mock codes of WeChat DevTools as codes of any mini program. */
  devCodes: boolean
  /** A session_key younger than this survives another `wx.login`. */
  minRotateSeconds: number
  /** Life of a session_key after the last code acquisition. WeChat keeps the true figure secret. */
  sessionKeySeconds: number
  /** code2Session calls per person and app in one minute before 45011; 0 for no limit. */
  callsPerMinute: number
}

export type World = {
  readonly clock: Clock
  readonly ids: Ids
  readonly settings: Settings
  readonly apps: Map<string, App>
  readonly people: Map<string, Person>
  /** In the order of issue, so that the oldest can be swept from the front. */
  readonly codes: Map<string, Code>
  readonly appTokens: Map<string, AppToken>
  readonly userTokens: Map<string, UserToken>
  readonly refreshTokens: Map<string, UserToken>
  tokensMade: number
}

export function createWorld(seeds: { seed: string; codeSeed: string }, clock: Clock, settings: Settings): World {
  return {
    clock,
    ids: createIds(seeds.seed, seeds.codeSeed),
    settings,
    apps: new Map(),
    people: new Map(),
    codes: new Map(),
    appTokens: new Map(),
    userTokens: new Map(),
    refreshTokens: new Map(),
    tokensMade: 0,
  }
}
