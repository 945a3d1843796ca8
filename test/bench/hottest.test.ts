import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hottest } from '../../bench/profile/hottest.ts'
import type { CpuProfile } from '../../bench/profile/read-profiles.ts'

const node = (id: number, functionName: string, url = '', lineNumber = 0) => ({
  id,
  callFrame: { functionName, url, lineNumber },
})
const LOGIN = 'file:///somewhere/hufu/dist/usecases/log-in.js'

test('the time of a function is added up over its places in the tree and over all threads; rest does not count', () => {
  const main: CpuProfile = {
    nodes: [node(1, '(idle)'), node(2, 'logIn', LOGIN, 9), node(3, 'logIn', LOGIN, 9), node(4, '(program)')],
    samples: [1, 2, 3, 4],
    timeDeltas: [900_000, 300_000, 200_000, 100_000],
  }
  const writer: CpuProfile = {
    nodes: [node(1, '', 'file:///x/node_modules/pg/client.js', 0), node(2, 'logIn', LOGIN, 9)],
    samples: [1, 2],
    timeDeltas: [300_000, 100_000],
  }
  assert.equal(
    hottest([main, writer], 2),
    `Of 1.0 s in which a thread of the server ran:
 60.0 %  logIn  dist/usecases/log-in.js:10
 30.0 %  (anonymous)  node_modules/pg/client.js:1
`,
  )
})
