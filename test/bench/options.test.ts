import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { CONTESTANTS } from '../../bench/contestants/contestant.ts'
import { HELP } from '../../bench/help.ts'
import { type Options, PARTS, readOptions, UsageError } from '../../bench/options.ts'
import { buildOlder } from '../../bench/servers/older-build.ts'

const RUN = fileURLToPath(new URL('../../bench/run.ts', import.meta.url))
const options = (...args: string[]): Options => {
  const read = readOptions(args)
  assert.notEqual(read, 'help')
  return read as Options
}

test('without a word everybody takes part in everything, but for a revision that nobody named', () => {
  const { parts, contestants, against, profile } = options()
  assert.deepEqual(parts, PARTS)
  assert.deepEqual(
    contestants,
    CONTESTANTS.filter((id) => id !== 'against'),
  )
  assert.deepEqual({ against, profile }, { against: undefined, profile: false })
})

test('a named revision takes part beside whoever else was chosen', () => {
  const { parts, contestants, against } = options(
    '--only',
    'mix,start',
    '--contestants',
    'sqlite',
    '--against',
    'HEAD~1',
  )
  assert.deepEqual(
    { parts, contestants, against },
    { parts: ['start', 'mix'], contestants: ['sqlite', 'against'], against: 'HEAD~1' },
  )
})

test('what nobody knows is refused and the known is named', () => {
  const refuses = (args: string[], words: RegExp) =>
    assert.throws(
      () => readOptions(args),
      (error) => error instanceof UsageError && words.test(error.message),
    )
  refuses(['--only', 'speed'], /returning.*speed/)
  refuses(['--contestants', 'floor,nobody'], /wafer.*nobody/)
  refuses(['--rounds', '0'], /--rounds/)
  refuses(['--seconds', 'long'], /--seconds/)
  refuses(['--fast'], /--fast/)
})

test('both languages of the help name every option, part and contestant', () => {
  const [english = '', chinese = ''] = HELP.split('————')
  const named = [...english.matchAll(/^ {2}(--\w+)/gm)].map(([, name = '']) => name)
  assert.ok(named.length >= 11)
  for (const name of [...named, ...PARTS, ...CONTESTANTS]) {
    assert.ok(english.includes(name), name)
    assert.ok(chinese.includes(name), name)
  }
  for (const name of named) {
    const isTaken = ['1', undefined].some((value) => takes(value === undefined ? [name] : [name, value]))
    assert.ok(isTaken || PICKY.includes(name), `${name} is not an option`)
  }
})

/** These take names of their own. */
const PICKY = ['--only', '--contestants']
function takes(args: string[]): boolean {
  try {
    readOptions(args)
    return true
  } catch {
    return false
  }
}

test('help ends with 0, a wrong word with 2 and without a stack', () => {
  const run = (word: string) => spawnSync(process.execPath, [RUN, word], { encoding: 'utf8' })
  const help = run('--help')
  assert.deepEqual([help.status, help.stdout], [0, HELP])
  const wrong = run('--fast')
  assert.equal(wrong.status, 2)
  assert.match(wrong.stderr, /--fast/)
  assert.doesNotMatch(wrong.stderr, /\n +at /)
})

test('a revision that is not there is named', () => {
  assert.throws(() => buildOlder('no-such-revision', tmpdir()), /no-such-revision/)
})
