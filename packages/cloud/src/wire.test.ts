import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem as AgreedProblem, LoginReply as AgreedReply } from '@hufu/contract'
import type { LoginReply, Problem } from './wire.ts'

type Same<A, B> = (<T>() => T extends Flat<A> ? 1 : 2) extends <T>() => T extends Flat<B> ? 1 : 2 ? true : false
type Flat<T> = T extends object ? { [Name in keyof T]: Flat<T[Name]> } : T

test('the wire types of @hufu/cloud equal those of the contract', () => {
  // The compiler does the comparing: this file stops compiling when one side changes alone.
  const reply: Same<LoginReply, AgreedReply> = true
  const problem: Same<Problem, AgreedProblem> = true
  assert.ok(reply && problem)
})
