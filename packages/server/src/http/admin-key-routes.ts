import type { KeyReply, NewKeyOf } from '@hufu/contract'
import { keyState } from '../domain/key-state.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { OwnKey } from '../ports/directory.ts'
import { retireKey } from '../usecases/retire-key.ts'
import { type KeyDeps, rotateKey } from '../usecases/rotate-key.ts'
import type { ShapeOf } from './members.ts'
import { wholeList } from './page-of.ts'
import { isoTime, json, type Route, route } from './route.ts'

/** Keys that Hufu makes tokens with. What is secret of them never comes out. */
export function adminKeyRoutes(deps: KeyDeps & { clock: Clock }): Route[] {
  const reply = (key: OwnKey): KeyReply => {
    const { number, purpose, algorithm, kid, createdAt, signsFrom, retiredAt } = key
    const keys = deps.directory.ownKeys().filter((one) => one.purpose === purpose)
    return {
      id: number,
      purpose,
      algorithm,
      kid: kid ?? null,
      state: keyState(key, keys, deps.clock.now()),
      createdAt: isoTime(createdAt),
      signsFrom: isoTime(signsFrom),
      retiredAt: retiredAt === undefined ? null : isoTime(retiredAt),
    }
  }
  return [
    route({
      on: 'GET',
      path: '/admin/v1/keys',
      who: 'operator',
      run: async () => json(wholeList(deps.directory.ownKeys().map(reply))),
    }),
    route({
      on: 'POST',
      path: '/admin/v1/keys/rotate',
      who: 'operator',
      body: { purpose: 'text?' } satisfies ShapeOf<NewKeyOf>,
      run: async ({ act, body: { purpose = 'signing' } }) => json(reply(await rotateKey(deps, { act, purpose })), 201),
    }),
    route({
      on: 'POST',
      path: '/admin/v1/keys/:id/retire',
      who: 'operator',
      run: async ({ act, path }) => json(reply(await retireKey(deps, { act, number: readNumber(path('id')) }))),
    }),
  ]
}

function readNumber(raw: string): number {
  if (/^\d{1,9}$/.test(raw)) return Number(raw)
  throw new ProblemError('invalid_request', 'Wrong: id (the number of a key).')
}
