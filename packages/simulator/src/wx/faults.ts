/** The calls of the fake that can be made to fail. */
export type Api =
  | 'login'
  | 'request'
  | 'checkSession'
  | 'getStorageSync'
  | 'setStorageSync'
  | 'removeStorageSync'
  | 'getAccountInfoSync'
  | 'callFunction'
  | 'callContainer'

/**
 * What goes wrong.
 * `fail`: the fail callback. `never`: no callback at all. `throw`: the call itself throws.
 * `empty`: success, but without what was asked for (a login without a code).
 * `lost`: the other side did the work and its answer never arrived (a request; fails like a broken connection).
 * `timeout` and `interrupted`: the fail callback with the words of that cause (requests).
 */
export type Fault = 'fail' | 'never' | 'throw' | 'empty' | 'lost' | 'timeout' | 'interrupted'

interface Planned {
  fault: Fault
  left: number
  when: (subject: string) => boolean
}

export interface Faults {
  /** Plans a fault for the next `times` calls of an API, or those whose subject (a URL, a storage key) satisfies `when`. */
  plan(api: Api, fault: Fault, options?: { times?: number; when?: (subject: string) => boolean }): void
  /** Forgets every planned fault. */
  clear(): void
  /** The fault that this call must show, if any; counts it as shown. */
  take(api: Api, subject?: string): Fault | undefined
}

export function createFaults(): Faults {
  const planned = new Map<Api, Planned[]>()
  return {
    plan(api, fault, { times = 1, when = () => true } = {}) {
      planned.set(api, [...(planned.get(api) ?? []), { fault, left: times, when }])
    },
    clear() {
      planned.clear()
    },
    take(api, subject = '') {
      const hit = planned.get(api)?.find((plan) => plan.left > 0 && plan.when(subject))
      if (!hit) return undefined
      hit.left -= 1
      return hit.fault
    },
  }
}
