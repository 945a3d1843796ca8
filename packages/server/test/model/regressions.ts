import type { Login, Story } from './steps.ts'

const at = (app: number, person = 0, more: Partial<Login> = {}): Login => ({
  app,
  person,
  silent: false,
  stale: false,
  ...more,
})
const silent = { silent: true }

/** Stories that went wrong once, in the shortest form they shrank to, or that chance seldom tells. They are told first. */
export const regressions: readonly Story[] = [
  // Undone, accepted and so unified again at the same moment: the record's id was taken.
  {
    bound: [0, 1, 0, 0, 0],
    steps: [
      { do: 'log-in', logins: [at(1)] },
      { do: 'bind', app: 1, account: 0 },
      { do: 'log-in', logins: [at(0)] },
      { do: 'log-in', logins: [at(1)] },
      { do: 'resolve', which: 0, decision: 'accept' },
      { do: 'undo', which: 0 },
      { do: 'resolve', which: 0, decision: 'accept' },
    ],
  },
  // A conflict seen again after it was accepted and undone stayed off the list of open ones.
  {
    bound: [0, 0, 0, 0, 0],
    steps: [
      { do: 'log-in', logins: [at(1, 2)] },
      { do: 'bind', app: 1, account: 1 },
      { do: 'bind', app: 2, account: 1 },
      { do: 'log-in', logins: [at(2, 2), at(1, 2)] },
      { do: 'resolve', which: 0, decision: 'accept' },
      { do: 'undo', which: 0 },
      { do: 'log-in', logins: [at(1, 2)] },
    ],
  },
  // The unionid that was accepted after a unification went to the wrong side when it was undone.
  {
    bound: [0, 0, 0, 0, 0],
    steps: [
      { do: 'log-in', logins: [at(1, 1, silent)] },
      { do: 'log-in', logins: [at(0, 1)] },
      { do: 'log-in', logins: [at(1, 1)] },
      { do: 'bind', app: 1, account: 1 },
      { do: 'log-in', logins: [at(1, 1)] },
      { do: 'resolve', which: 0, decision: 'accept' },
      { do: 'undo', which: 0 },
    ],
  },
  // The same, back and forth: both sides were to hold it.
  {
    bound: [0, 1, 0, 0, 0],
    steps: [
      { do: 'log-in', logins: [at(0), at(1)] },
      { do: 'bind', app: 0, account: 1 },
      { do: 'log-in', logins: [at(0)] },
      { do: 'resolve', which: 0, decision: 'accept' },
      { do: 'bind', app: 0, account: 0 },
      { do: 'log-in', logins: [at(0)] },
      { do: 'resolve', which: 1, decision: 'accept' },
      { do: 'undo', which: 0 },
    ],
  },
  {
    bound: [0, 1, 0, 0, 0],
    steps: [
      { do: 'log-in', logins: [at(0), at(1)] },
      { do: 'bind', app: 0, account: 1 },
      { do: 'log-in', logins: [at(0)] },
      { do: 'resolve', which: 0, decision: 'accept' },
      { do: 'bind', app: 1, account: 0 },
      { do: 'log-in', logins: [at(1)] },
      { do: 'resolve', which: 1, decision: 'accept' },
      { do: 'undo', which: 0 },
    ],
  },
  // A unionid that one half held before is somebody else's by the time the halves are split.
  {
    bound: [0, 1, 0, 0, 0],
    steps: [
      { do: 'log-in', logins: [at(0), at(1)] },
      { do: 'bind', app: 0, account: 1 },
      { do: 'log-in', logins: [at(0)] },
      { do: 'resolve', which: 0, decision: 'accept' },
      { do: 'log-in', logins: [at(2)] },
      { do: 'undo', which: 0 },
    ],
  },
  // Unifications on top of each other, asked to be undone from the bottom, then from the top.
  {
    bound: [0, 0, 0, 0, 0],
    steps: [
      { do: 'log-in', logins: [at(0, 0, silent)] },
      { do: 'clock', by: 1 },
      { do: 'log-in', logins: [at(1, 0, silent)] },
      { do: 'clock', by: 1 },
      { do: 'log-in', logins: [at(2, 0, silent)] },
      { do: 'log-in', logins: [at(2), at(1), at(0)] },
      { do: 'undo', which: 0 },
      { do: 'log-in', logins: [at(0, 0, silent), at(1, 0, silent), at(2, 0, silent)] },
      { do: 'undo', which: 1 },
      { do: 'undo', which: 0 },
      { do: 'log-in', logins: [at(0), at(1), at(2)] },
    ],
  },
  // Barred once more while barred: undoing took the operator's word back for one half.
  {
    bound: [0, 0, 0, 0, 0],
    steps: [
      { do: 'log-in', logins: [at(2, 0, silent), at(0)] },
      { do: 'block', which: 0 },
      { do: 'log-in', logins: [at(2)] },
      { do: 'block', which: 0 },
      { do: 'undo', which: 0 },
    ],
  },
  // A process that had not heard of an app's move joined people across realms.
  {
    bound: [0, 0, 0, 0, 0],
    steps: [
      { do: 'log-in', logins: [at(0), at(1, 0, { stale: true })] },
      { do: 'log-in', logins: [at(4, 0, silent)] },
      { do: 'log-in', logins: [at(4, 0, { stale: true })] },
    ],
  },
]
