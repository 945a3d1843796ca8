import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { UserId } from '../../src/domain/ids.ts'
import { type Desk, openDesk } from './desk.ts'
import { type Family, isOld, newFamily, present, type Refusal } from './refresh-model.ts'
import type { Stage } from './stage.ts'

/** What happens to phones that are signed in, by their number. */
export type Turn =
  | { do: 'refresh' | 'drop-answer' | 'retry' | 'steal' | 'use-stolen' | 'log-out'; phone: number }
  | { do: 'replay'; phone: number; back: number }
  | { do: 'at-once'; phone: number; count: number }
  | { do: 'log-in'; app: 0 | 1 }
  | { do: 'unify' }
  | { do: 'restart' }
  | { do: 'block' | 'unblock'; phone: number }
  | { do: 'clock'; by: number }

const SECOND = 1000
const HOUR = 3600 * SECOND
const DAY = 24 * HOUR
const phone = fc.nat({ max: 9 })

export const turns = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('refresh', 'refresh', 'drop-answer', 'retry'), phone }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('steal', 'use-stolen', 'use-stolen'), phone }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('replay'), phone, back: fc.nat({ max: 20 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('at-once'), phone, count: fc.integer({ min: 2, max: 9 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('log-in'), app: fc.constantFrom(0, 1) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('log-out', 'block', 'unblock'), phone }) },
    { weight: 1, arbitrary: fc.nat({ max: 7 }).map((drawn): Turn => ({ do: drawn === 0 ? 'restart' : 'unify' })) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('clock'),
        by: fc.constantFrom(SECOND, 10 * SECOND, 29 * SECOND, 31 * SECOND, -20 * SECOND, HOUR, -HOUR, 16 * DAY),
      }),
    },
  ) satisfies fc.Arbitrary<Turn>,
  { minLength: 1, maxLength: 50, size: 'max' },
)

interface Phone {
  app: 0 | 1
  family: Family
  /** Every token of the family, by place, as far as anybody was told. */
  tokens: string[]
  /** Places: of the token that its owner holds, of the one presented last, of the thief's copy. */
  held: number
  presented: number
  stolen: number | undefined
}

/** One person, a user in each of two apps until a unionid says so; a user is blocked or is not. */
interface Play {
  desk: Desk
  apps: readonly [string, string]
  phones: Phone[]
  users: [UserId | undefined, UserId | undefined]
  blocked: Set<UserId>
}

/** Plays turns on a stage and holds every answer against the model of refresh tokens. */
export async function playPhones(stage: Stage, all: readonly Turn[], number: number): Promise<void> {
  const apps = [`wx-p${number}-0`, `wx-p${number}-1`] as const
  const play: Play = {
    desk: await openDesk(stage, `p${number}`, apps),
    apps,
    phones: [],
    users: [undefined, undefined],
    blocked: new Set(),
  }
  for (const turn of all) {
    if (turn.do === 'restart') await stage.restart()
    else await take(play, turn)
  }
  await nobodyStaysAfterTheft(play)
  await tokensAreBound(play)
}

async function take(play: Play, turn: Exclude<Turn, { do: 'restart' }>): Promise<void> {
  const { desk, phones } = play
  if (turn.do === 'clock') return desk.advance(turn.by)
  if (turn.do === 'log-in') return logIn(play, turn.app, undefined)
  if (turn.do === 'unify') {
    await logIn(play, 1, 'u')
    return logIn(play, 0, 'u')
  }
  const one = phones[turn.phone % Math.max(phones.length, 1)]
  if (!one) return
  switch (turn.do) {
    case 'refresh':
    case 'drop-answer': {
      one.presented = one.held
      const answered = await show(play, one, one.held)
      if (turn.do === 'refresh') one.held = answered ?? one.held
      return
    }
    case 'retry':
      one.held = (await show(play, one, one.presented)) ?? one.held
      return
    case 'steal':
      one.stolen = one.held
      return
    case 'use-stolen':
      if (one.stolen !== undefined) one.stolen = (await show(play, one, one.stolen)) ?? one.stolen
      return
    case 'replay':
      await show(play, one, Math.max(one.tokens.length - 1 - turn.back, 0))
      return
    case 'at-once':
      return atOnce(play, one, turn.count)
    case 'log-out':
      await desk.logOut(one.tokens[one.held] ?? '')
      if (one.family.state === 'live') one.family.state = 'over'
      return
    case 'block':
    case 'unblock':
      return bar(play, userOf(play, one), turn.do)
  }
}

const userOf = (play: Play, { app }: Phone): UserId => play.users[app] ?? assert.fail('a phone without a user')

async function logIn(play: Play, app: 0 | 1, unionid: string | undefined): Promise<void> {
  const { desk, users, blocked, phones } = play
  const { user, token } = await desk.logIn({ app: play.apps[app], openid: `o-${app}`, unionid })
  const gone = users.filter((before) => before !== undefined && before !== user)
  users[app] = user
  if (unionid !== undefined && app === 0) {
    users[1] = user
    if (gone.some((before) => before !== undefined && blocked.has(before)) || blocked.has(user)) {
      blocked.add(user)
      endAll(play, user)
    }
  }
  assert.equal(token === undefined, blocked.has(user))
  if (token === undefined) return
  crowdOut(play, app)
  phones.push({ app, family: newFamily(desk.now()), tokens: [token], held: 0, presented: 0, stolen: undefined })
}

/** Nine sessions of a user in an app stay beside a new one. Their ids sort by time. */
function crowdOut({ desk, phones }: Play, app: 0 | 1): void {
  const idOf = ({ tokens }: Phone): string => tokens[0]?.split('.')[0] ?? ''
  const live = phones.filter((one) => one.app === app && one.family.state === 'live' && !isOld(one.family, desk.now()))
  for (const one of live.toSorted((a, b) => (idOf(a) < idOf(b) ? 1 : -1)).slice(9)) one.family.state = 'over'
}

function endAll(play: Play, user: UserId): void {
  for (const one of play.phones)
    if (userOf(play, one) === user && one.family.state === 'live') one.family.state = 'over'
}

async function bar(play: Play, user: UserId, how: 'block' | 'unblock'): Promise<void> {
  await play.desk.bar(user, how)
  if (how === 'unblock') play.blocked.delete(user)
  else {
    play.blocked.add(user)
    endAll(play, user)
  }
}

/** Presents the token at a place. Returns the place of the one that came back. */
async function show(play: Play, one: Phone, place: number): Promise<number | undefined> {
  const answer = await play.desk.refresh(one.tokens[place] ?? '')
  return judge(play, one, place, answer)
}

type Answer = Awaited<ReturnType<Desk['refresh']>>

function judge(play: Play, one: Phone, place: number, answer: Answer): number | undefined {
  const user = userOf(play, one)
  const due: number | Refusal = play.blocked.has(user) ? 'user_blocked' : present(one.family, place, play.desk.now())
  if (typeof due === 'string') {
    assert.deepEqual(answer, { refused: due })
    return undefined
  }
  assert.ok('token' in answer, 'refused' in answer ? answer.refused : '')
  assert.equal(answer.user, user)
  // One successor for each generation, and never one that was seen elsewhere.
  if (due < one.tokens.length) assert.equal(answer.token, one.tokens[due])
  else {
    assert.ok(play.phones.every(({ tokens }) => !tokens.includes(answer.token)))
    one.tokens.push(answer.token)
  }
  return due
}

/** However many pages ask at the same time, they get the same. */
async function atOnce(play: Play, one: Phone, count: number): Promise<void> {
  const place = one.held
  one.presented = place
  const asked = Array.from({ length: count }, () => play.desk.refresh(one.tokens[place] ?? ''))
  const answers = await Promise.all(asked)
  // Whoever came first ended a session that was too old; nobody knows who that was.
  const tooOld = (answer: Answer): boolean => 'refused' in answer && answer.refused === 'token_expired'
  for (const answer of [...answers.filter(tooOld), ...answers.filter((one) => !tooOld(one))]) {
    one.held = judge(play, one, place, answer) ?? one.held
  }
}

/** T18: once a theft is visible, no token of the family opens anything, whoever holds it. */
async function nobodyStaysAfterTheft(play: Play): Promise<void> {
  for (const one of play.phones.filter(({ family }) => family.state === 'exposed')) {
    const refused = play.blocked.has(userOf(play, one)) ? 'user_blocked' : 'refresh_reused'
    for (const token of one.tokens) assert.deepEqual(await play.desk.refresh(token), { refused })
  }
}

/** T21: the secret of one session, client and app opens no other. */
async function tokensAreBound({ desk, phones }: Play): Promise<void> {
  for (const { tokens: theirs } of phones.slice(-4)) {
    for (const { tokens: others } of phones.slice(-4)) {
      if (theirs === others) continue
      const crossed = `${theirs.at(-1)?.split('.')[0]}.${others.at(-1)?.split('.')[1]}`
      assert.deepEqual(await desk.refresh(crossed), { refused: 'token_invalid' })
    }
  }
}
