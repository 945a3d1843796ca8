/** The scopes that an OAuth page can ask for. */
export const scopes = ['snsapi_base', 'snsapi_userinfo', 'snsapi_login'] as const
/** A scope that an OAuth page can ask for, in WeChat's words. */
export type Scope = (typeof scopes)[number]

/** What sets one kind of app apart at WeChat. */
type KindRules = {
  /** `login` codes come from `wx.login` and bring a session_key; `oauth` codes come from a page and bring tokens. */
  readonly codes: 'login' | 'oauth'
  /** What it may ask for; the first is the default. */
  readonly scopes: readonly Scope[]
  /** Life of its codes. */
  readonly codeSeconds: number
  /** Whether its pages can be opened in snapshot mode, which tells the ids of a virtual account. */
  readonly hasSnapshots: boolean
}

const table = {
  miniprogram: { codes: 'login', scopes: [], codeSeconds: 300, hasSnapshots: false },
  'official-account': {
    codes: 'oauth',
    scopes: ['snsapi_base', 'snsapi_userinfo'],
    codeSeconds: 300,
    hasSnapshots: true,
  },
  website: { codes: 'oauth', scopes: ['snsapi_login'], codeSeconds: 600, hasSnapshots: false },
  mobile: { codes: 'oauth', scopes: ['snsapi_userinfo'], codeSeconds: 600, hasSnapshots: false },
} as const satisfies Record<string, KindRules>

/** A mini program, or one of the three kinds that sign in by OAuth. */
export type AppKind = keyof typeof table

export const appKinds: Readonly<Record<AppKind, KindRules>> = table
export const appKindNames = Object.keys(table).filter((name): name is AppKind => Object.hasOwn(table, name))
