import type { FaultSettings } from './deliver.ts'
import { type FaultName, faultRow } from './faults.ts'
import type { ApiRequest } from './reply.ts'
import { SimulatorError } from './simulator-error.ts'

/** When a fault strikes: on which requests, how often, and with which settings. */
export type FaultRule = FaultSettings & {
  /** What goes wrong: a name of `faults`. */
  fault: FaultName
  /** The beginning of the path; every path when absent. */
  match?: string | undefined
  /** Only requests of this app. */
  appId?: string | undefined
  /** So many requests, then never again; without it and without `rate`, every request until cleared. */
  times?: number | undefined
  /** The share of requests, 0 to 1, chosen by the seed. */
  rate?: number | undefined
  /** WeChat does its work first (a good code is spent) even where the fault by itself lets nothing through. */
  redeem?: boolean | undefined
}

/** A rule that is in force, and how many requests it has met. */
export type ActiveFault = FaultRule & { readonly hits: number }

export type FaultRules = {
  add(rule: FaultRule): ActiveFault
  list(): ActiveFault[]
  clear(): void
  /** The first rule that strikes this request of this app. */
  strike(request: ApiRequest, appId: () => string | undefined): FaultRule | undefined
}

const settingNames = ['ms', 'status', 'errcode', 'errmsg', 'body', 'contentType', 'location'] as const

/** @param random a stream of 32-bit numbers */
export function createFaultRules(random: () => number): FaultRules {
  let rules: (FaultRule & { hits: number })[] = []

  const strikes = (rule: FaultRule & { hits: number }, path: string, appId: () => string | undefined) =>
    (rule.times === undefined || rule.hits < rule.times) &&
    path.startsWith(rule.match ?? '/') &&
    (rule.appId === undefined || rule.appId === appId()) &&
    (rule.rate === undefined || random() / 2 ** 32 < rule.rate)

  return {
    add(rule) {
      check(rule)
      const active = { ...rule, hits: 0 }
      if (rule.fault !== 'refuse') rules.push(active) // that one is the port's, not a request's
      return active
    },
    list: () => [...rules],
    clear() {
      rules = []
    },
    strike({ path }, appId) {
      if (rules.length === 0) return undefined
      const struck = rules.find((rule) => strikes(rule, path, appId))
      if (struck !== undefined) struck.hits++
      return struck
    },
  }
}

function check(rule: FaultRule): void {
  const { fault, match, times, rate, status, ms } = rule
  const taken: readonly string[] = faultRow(fault).takes ?? []
  const refuse = (message: string) => {
    throw new SimulatorError('invalid_request', message)
  }
  for (const name of settingNames) {
    if (rule[name] !== undefined && !taken.includes(name)) refuse(`The fault ${fault} takes no ${name}.`)
  }
  if (match !== undefined && !match.startsWith('/')) refuse('match must be the beginning of a path, like /sns/.')
  if (times !== undefined && !(Number.isInteger(times) && times > 0)) refuse('times must be a whole number above 0.')
  if (rate !== undefined && !(rate >= 0 && rate <= 1)) refuse('rate must be between 0 and 1.')
  if (status !== undefined && !(Number.isInteger(status) && status >= 400 && status <= 599)) {
    refuse('status must be between 400 and 599.')
  }
  if (rule.redeem === false) refuse('redeem can only add the redemption (true): choose a fault without one instead.')
  if (ms !== undefined && !(ms >= 0 && ms <= 600_000)) refuse('ms must be between 0 and 600000.')
  if (fault === 'refuse' && [match, rule.appId, times, rate, rule.redeem].some((one) => one !== undefined)) {
    refuse('The fault refuse shuts the whole port: it takes ms and nothing else.')
  }
}
