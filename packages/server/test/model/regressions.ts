import type { Login, Scenario, Step } from './scenario.ts'

const at = (app: number, person = 0): Login => ({ app, person, silent: false, stale: false })
const silentAt = (app: number, person = 0): Login => ({ ...at(app, person), silent: true })
const staleAt = (app: number): Login => ({ ...at(app), stale: true })

const logIn = (...logins: Login[]): Step => ({ do: 'log-in', logins })
const bind = (app: number, account: number): Step => ({ do: 'bind', app, account })
const accept = (which: number): Step => ({ do: 'resolve', which, decision: 'accept' })
const undo = (which: number): Step => ({ do: 'undo', which })
const block = (which: number): Step => ({ do: 'block', which })
const tick: Step = { do: 'clock', by: 1 }

/** One person as two users of two accounts, until app 0 moves to the account of app 1 and the conflict is accepted. */
const unifiedByAccept: readonly Step[] = [logIn(at(0), at(1)), bind(0, 1), logIn(at(0)), accept(0)]

/** Scenarios that went wrong once, in the shortest form they shrank to, or that chance seldom draws. They are run first. */
export const regressions: readonly Scenario[] = [
  // Undone, accepted and so unified again at the same moment: the record's id was taken.
  {
    accounts: [0, 1, 0, 0, 0],
    steps: [logIn(at(1)), bind(1, 0), logIn(at(0)), logIn(at(1)), accept(0), undo(0), accept(0)],
  },
  // A conflict seen again after it was accepted and undone stayed off the list of open ones.
  {
    accounts: [0, 0, 0, 0, 0],
    steps: [logIn(at(1, 2)), bind(1, 1), bind(2, 1), logIn(at(2, 2), at(1, 2)), accept(0), undo(0), logIn(at(1, 2))],
  },
  // The unionid that was accepted after a unification went to the wrong side when it was undone.
  {
    accounts: [0, 0, 0, 0, 0],
    steps: [logIn(silentAt(1, 1)), logIn(at(0, 1)), logIn(at(1, 1)), bind(1, 1), logIn(at(1, 1)), accept(0), undo(0)],
  },
  // The same, back and forth: both sides were to hold it.
  { accounts: [0, 1, 0, 0, 0], steps: [...unifiedByAccept, bind(0, 0), logIn(at(0)), accept(1), undo(0)] },
  { accounts: [0, 1, 0, 0, 0], steps: [...unifiedByAccept, bind(1, 0), logIn(at(1)), accept(1), undo(0)] },
  // A unionid that one half held before is somebody else's by the time the halves are split.
  { accounts: [0, 1, 0, 0, 0], steps: [...unifiedByAccept, logIn(at(2)), undo(0)] },
  // Unifications on top of each other, asked to be undone from the bottom, then from the top.
  {
    accounts: [0, 0, 0, 0, 0],
    steps: [
      ...[logIn(silentAt(0)), tick, logIn(silentAt(1)), tick, logIn(silentAt(2))],
      logIn(at(2), at(1), at(0)),
      undo(0),
      logIn(silentAt(0), silentAt(1), silentAt(2)),
      ...[undo(1), undo(0)],
      logIn(at(0), at(1), at(2)),
    ],
  },
  // Blocked once more while blocked: undoing took the operator's word back for one half.
  { accounts: [0, 0, 0, 0, 0], steps: [logIn(silentAt(2), at(0)), block(0), logIn(at(2)), block(0), undo(0)] },
  // A process that had not heard of an app's move joined people across realms.
  { accounts: [0, 0, 0, 0, 0], steps: [logIn(at(0), staleAt(1)), logIn(silentAt(4)), logIn(staleAt(4))] },
]
