import { test } from 'node:test'
import { runScenarios } from './run-scenarios.ts'
import { inlineStore, sqliteStore } from './store-fixture.ts'

test('T12 T13 T14 I1–I9 given any logins, operators and clocks in any order, then every login is of the user that the model says', (t) =>
  runScenarios(t, inlineStore, { scenarios: 10_000, within: 40_000, restarts: false }))

test('T14 I1–I9 the same on SQLite as it is served, with its writer thread and with restarts', (t) =>
  runScenarios(t, sqliteStore, { scenarios: 1_000, within: 8_000, restarts: true }))
