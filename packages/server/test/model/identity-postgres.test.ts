import { test } from 'node:test'
import { runScenarios } from './run-scenarios.ts'
import { postgresStore } from './store-fixture.ts'

test('T12 T13 T14 I1–I9 on PostgreSQL too, every login is of the user that the model says', (t) =>
  runScenarios(t, postgresStore, { scenarios: 1_000, within: 25_000, restarts: false }))
