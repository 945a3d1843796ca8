import { ProblemError } from './errors.ts'

/** Where a call began, in the words of the platform's SOURCE, where the platform says who the person is. */
export type Source = 'wx_client' | 'wx_devtools' | 'wx_localdebug'

/** Whose calls are taken. */
export interface CallerRules {
  /**
   * AppIDs of the apps whose people may call. Left out: the app that owns the cloud environment, whichever it is, and no
   * app that borrows the environment.
   */
  appIds?: readonly string[] | undefined
  /** Where a call may start: the first element of the platform's SOURCE. `['wx_client']` if left out. */
  sources?: readonly Source[] | undefined
}

/** Who is calling, in the words of WeChat's platform. */
export interface Person {
  /** In the app named by `appid`. */
  openid: string
  /** `null` where WeChat gave none. */
  unionid: string | null
  /** The app that the person is in; in a shared environment not the one that owns it. */
  appid: string
}

const knownSources: readonly unknown[] = ['wx_client', 'wx_devtools', 'wx_localdebug'] satisfies Source[]
const idShape = /^[\w-]{1,64}$/

/** @returns what is wrong with the rules, for a developer. */
export function faultsOf({ appIds, sources }: CallerRules): string[] {
  const isList = (list: unknown, holds: (item: unknown) => boolean) =>
    list === undefined || (Array.isArray(list) && list.length > 0 && list.every(holds))
  return [
    ...(isList(appIds, (id) => typeof id === 'string' && idShape.test(id)) ? [] : ['appIds must list AppIDs']),
    ...(isList(sources, (source) => knownSources.includes(source))
      ? []
      : [`sources may list ${knownSources.join(', ')}`]),
  ]
}

/**
 * Reads who is calling from the answer of `getWXContext()`, and from nothing else.
 *
 * @throws {ProblemError} `forbidden` when the platform names no person here, `app_unknown` for an app that is not
 * in the rules.
 */
export function readCaller(context: Readonly<Record<string, unknown>>, rules: CallerRules): Person {
  // A call can pass through other functions ('wx_client,scf'); the first element is where it began.
  const [source] = String(context.SOURCE ?? '').split(',')
  if (!(rules.sources ?? ['wx_client']).some((allowed) => allowed === source)) {
    const allowable = knownSources.includes(source)
      ? `calls from ${source} need it in \`sources\``
      : 'nobody is calling here'
    throw new ProblemError('forbidden', `Only a person in a mini program may call: ${allowable}.`)
  }
  const own = { openid: context.OPENID, unionid: context.UNIONID, appid: context.APPID }
  const from = { openid: context.FROM_OPENID, unionid: context.FROM_UNIONID, appid: context.FROM_APPID }
  // In a shared environment FROM_* is the caller, and OPENID, if it is there at all, belongs to the owner's app.
  const borrowed = Object.values(from).some(isPresent)
  const { openid, unionid, appid } = borrowed ? from : own
  const person = {
    openid: idOf(openid, 'OPENID'),
    unionid: isPresent(unionid) ? idOf(unionid, 'UNIONID') : null,
    appid: idOf(appid, 'APPID'),
  }
  if (rules.appIds ? !rules.appIds.includes(person.appid) : borrowed) {
    throw new ProblemError('app_unknown', 'This app may not call this function: name it in `appIds` if it should.')
  }
  return person
}

const isPresent = (value: unknown) => value !== undefined && value !== null && value !== ''

/** wx-server-sdk turns a text of digits into a Number, which is then another id: such a value is refused, not repaired. */
function idOf(value: unknown, name: string): string {
  if (typeof value === 'string' && idShape.test(value)) return value
  throw new ProblemError('forbidden', `WeChat's context does not hold a usable ${name}.`)
}
