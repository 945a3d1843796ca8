import type { Events } from '../../../../ports/events.ts'
import { write } from '../../transaction.ts'
import { audit } from './write-events.ts'

export const record = write<Events['record']>(function* ({ act, entry }) {
  yield* audit(act, entry)
})
