import type { ProblemCode } from '@hufu/contract'
import { CommanderError, InvalidArgumentError } from 'commander'
import { ConfigError } from '../config/config.ts'
import { ProblemError, SettingProblem } from '../domain/problem-error.ts'
import { explainCause, rootOf } from './explain-cause.ts'
import type { ExitCode } from './explanation.ts'

/** What to print, which may be nothing more than was printed already, and how the command ends. */
export interface Told {
  text: string
  exit: ExitCode
}

/**
 * The one place where whatever stopped a command becomes words for whoever ran it: what, where, cause and cure, in English
 * and Chinese, and an exit code by class. Never a stack: the one line that says where stands in for it.
 */
export function tellFailure(error: unknown): Told {
  if (error instanceof CommanderError) return tellUsage(error)
  if (error instanceof ConfigError) {
    return {
      text: `The configuration cannot be used · 配置有误:\n${error.message.replace(/^/gm, '  ')}`,
      exit: 2,
    }
  }
  const explained = explainCause(error)
  if (error instanceof ProblemError) {
    const { code, message } = error
    const isSaid = explained === undefined || message.includes(explained.zh)
    const words = isSaid ? [inBoth(message, code)] : [message, explained.en, explained.zh]
    return { text: lines(words), exit: error instanceof SettingProblem ? 2 : (explained?.exit ?? EXITS[code] ?? 1) }
  }
  if (explained) return { text: lines([explained.what, explained.en, explained.zh]), exit: explained.exit }
  return { text: lines(unforeseen(error)), exit: 1 }
}

/** Commander has said it by itself, except what an action refused. */
function tellUsage(error: CommanderError): Told {
  if (error instanceof InvalidArgumentError) {
    return { text: `${error.message} Add --help to see what is possible · 用法有误，加 --help 查看`, exit: 2 }
  }
  return { text: '', exit: error.exitCode === 0 ? 0 : 2 }
}

/** What is not here is 1: refused, or failed. */
const EXITS: Partial<Record<ProblemCode, ExitCode>> = {
  not_found: 3,
  app_unknown: 3,
  unavailable: 4,
  upstream_busy: 4,
  upstream_unavailable: 4,
  upstream_error: 4,
}

/** For messages of the server, which are in English: it does not know who reads them. */
const IN_CHINESE: Partial<Record<ProblemCode, string>> = {
  invalid_request: '参数不正确，请按上面的说明修改',
  not_found: '没有找到',
  app_unknown: '没有这个应用，请先用 hufu app add 登记',
  already_exists: '已经存在，未作更改',
  unavailable: '数据库暂时不可用，请稍后再试',
  server_misconfigured: '服务器的设置或数据库有误，请按上面的说明处理',
  upstream_busy: '微信繁忙，请稍后再试',
  upstream_unavailable: '无法访问微信服务器，请检查网络',
  upstream_error: '微信的回答无法理解',
}

const HAS_CHINESE = /\p{Script=Han}/u

const inBoth = (message: string, code: ProblemCode): string =>
  HAS_CHINESE.test(message) ? message : `${message} · ${IN_CHINESE[code] ?? '操作被拒绝'}`

/** What nobody thought of: its own words, and the line of our code that it came from. */
function unforeseen(error: unknown): string[] {
  const root = rootOf(error)
  const { name, message } = root instanceof Error ? root : { name: 'Thrown', message: typeof root }
  const where =
    root instanceof Error
      ? /packages\/[^):]+:\d+|[\w-]+\/(?:src|dist)\/[^):]+:\d+/.exec(root.stack ?? '')?.[0]
      : undefined
  return [
    `Hufu has failed in a way that nobody foresaw${where ? ` (${where})` : ''}: ${name}: ${message}`,
    'Run it again; if it stays, report this line with the version (hufu --version).',
    '出现了未预料的错误：请重试；若仍然出现，请附上这一行和版本号（hufu --version）反馈。',
  ]
}

const lines = ([first = '', ...more]: string[]): string => [first, ...more.map((line) => `  ${line}`)].join('\n')
