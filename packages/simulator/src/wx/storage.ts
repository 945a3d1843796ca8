import { type Callbacks, fail, promiseUnlessCallbacks, succeed } from './callbacks.ts'
import type { Api, Faults } from './faults.ts'

const perKey = 1024 * 1024
const inAll = 10 * 1024 * 1024

type Keyed<Result> = Callbacks<Result> & { key: string; data?: unknown }

/**
 * `wx`'s key-value storage: a missing key reads as `''`, values are copied in and out, 1 MiB a key and 10 MiB in all,
 * and the synchronous calls throw when they fail.
 *
 * @param kept what is stored, as JSON by key; give the same map to a second fake for a restart of the app
 */
export function createStorage(kept: Map<string, string>, faults: Faults, note: (api: Api) => void) {
  const enter = (api: Api, key: string) => {
    note(api)
    if (faults.take(api, key)) throw new Error(`${api}:fail storage error`)
  }
  const storage = {
    getStorageSync(key: string): unknown {
      enter('getStorageSync', key)
      const json = kept.get(key)
      return json === undefined ? '' : JSON.parse(json)
    },
    setStorageSync(key: string, data: unknown): void {
      enter('setStorageSync', key)
      const json = JSON.stringify(data ?? '')
      if (Buffer.byteLength(json) > perKey) throw new Error('setStorageSync:fail entry size limit reached')
      const others = [...kept].reduce((sum, [name, value]) => sum + (name === key ? 0 : Buffer.byteLength(value)), 0)
      if (others + Buffer.byteLength(json) > inAll) throw new Error('setStorageSync:fail exceed storage max size 10Mb')
      kept.set(key, json)
    },
    removeStorageSync(key: string): void {
      enter('removeStorageSync', key)
      kept.delete(key)
    },
    clearStorageSync(): void {
      kept.clear()
    },
    getStorage(options: Keyed<{ data: unknown; errMsg: string }>) {
      return promiseUnlessCallbacks(options, (callbacks) =>
        kept.has(options.key)
          ? succeed(callbacks, { data: storage.getStorageSync(options.key), errMsg: 'getStorage:ok' })
          : fail(callbacks, { errMsg: 'getStorage:fail data not found' }),
      )
    },
    setStorage(options: Keyed<{ errMsg: string }>) {
      return promiseUnlessCallbacks(options, (callbacks) => {
        try {
          storage.setStorageSync(options.key, options.data)
        } catch (error) {
          fail(callbacks, { errMsg: (error as Error).message.replace('Sync', '') })
          return
        }
        succeed(callbacks, { errMsg: 'setStorage:ok' })
      })
    },
    removeStorage(options: Keyed<{ errMsg: string }>) {
      return promiseUnlessCallbacks(options, (callbacks) => {
        kept.delete(options.key)
        succeed(callbacks, { errMsg: 'removeStorage:ok' })
      })
    },
  }
  return storage
}
