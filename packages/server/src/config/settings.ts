import { CLOUD_RUN_SETTINGS } from './cloud-run.ts'
import { LIMIT_SETTINGS } from './limit-settings.ts'
import { LISTENER_SETTINGS } from './listener-settings.ts'
import { OPERATION_SETTINGS } from './operation-settings.ts'
import type { Setting } from './setting.ts'
import { STORE_SETTINGS } from './store-settings.ts'
import { TOKEN_SETTINGS } from './token-settings.ts'

/**
 * Every setting there is, in the order of the documents. A new one is a row of one of these tables, a member of `Config`,
 * and its line in `configFrom`; the command's help and `docs/settings*.md` follow from the row (`npm run docs:settings`
 * writes these).
 */
export const SETTINGS = {
  ...STORE_SETTINGS,
  ...LISTENER_SETTINGS,
  ...TOKEN_SETTINGS,
  ...LIMIT_SETTINGS,
  ...OPERATION_SETTINGS,
  ...CLOUD_RUN_SETTINGS,
}

export const ALL_SETTINGS: readonly Setting<unknown>[] = Object.values(SETTINGS)
