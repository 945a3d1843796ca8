import { test } from 'node:test'
import { postgresStage } from './stage.ts'
import { tell } from './told.ts'

test('T12 T13 T14 I1–I9 on PostgreSQL too, who is whose user is as docs/identity.md says', (t) =>
  tell(t, postgresStage, { stories: 1_000, within: 25_000, restarts: false }))
