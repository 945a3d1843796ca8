import { test } from 'node:test'
import { quickStage, sqliteStage } from './stage.ts'
import { tell } from './told.ts'

test('T12 T13 T14 I1–I9 whatever happens in whatever order, who is whose user is as docs/identity.md says', (t) =>
  tell(t, quickStage, { stories: 10_000, within: 40_000, restarts: false }))

test('T14 I1–I9 the same on the store as it is served, with its writer thread and with restarts', (t) =>
  tell(t, sqliteStage, { stories: 1_000, within: 8_000, restarts: true }))
