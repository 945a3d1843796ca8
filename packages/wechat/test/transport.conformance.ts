import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { codeToSession, createCall, loginCode, type Transport, WeChatError, type WeChatErrorCode } from '@hufu/wechat'
import fc from 'fast-check'
import { badAnswers, goodBody, oddAnswers } from './bad-answers.ts'
import { faults } from './broken-transports.ts'
import { app, assertNoSecretIn, canary, code } from './canaries.ts'
import { hostileText } from './hostile-text.ts'
import { always, answer, rawServer } from './raw-server.ts'

/** Makes a transport whose whole exchange may take so many milliseconds, and that ends with the test. */
export type MakeTransport = (t: TestContext, baseUrl: string, deadline: number) => Transport

const patient = 5_000

/** What every transport promises together with `createCall`, over real sockets. */
export function transportConformance(name: string, make: MakeTransport): void {
  const logIn = (transport: Transport) => codeToSession(app, code, createCall(transport))

  async function failsWith(expected: WeChatErrorCode, transport: Transport, label: string): Promise<WeChatError> {
    const thrown = await logIn(transport).then(
      () => assert.fail(`${label} became an identity`),
      (error: unknown) => error,
    )
    assert.ok(thrown instanceof WeChatError, `${label}: ${thrown}`)
    assert.equal(thrown.code, expected, `${label}: ${thrown.message}`)
    assert.equal(thrown.path, '/sns/jscode2session')
    assertNoSecretIn(thrown)
    return thrown
  }

  test(`${name}: a code becomes a person, in one GET with four parameters`, async (t) => {
    const server = await rawServer(t, always(goodBody))
    const person = await logIn(make(t, server.baseUrl, patient))
    assert.equal(person.openid, 'oGZUI0egBJY1zhBYw2KhdUfwVJJE')
    assert.equal(person.unionid, 'ocMvos6NjeKLIBqg5Mr9QjxrP1FA')
    assert.equal(person.sessionKey.reveal(), canary.sessionKey)
    assertNoSecretIn({ person, json: JSON.stringify(person) })
    assert.equal(server.asked[0]?.method, 'GET')
    assert.deepEqual(
      [...(server.asked[0]?.query ?? [])],
      [
        ['appid', app.id],
        ['secret', canary.secret],
        ['js_code', canary.code],
        ['grant_type', 'authorization_code'],
      ],
    )
  })

  test(`${name}: a body travels as JSON by POST`, async (t) => {
    const server = await rawServer(t, always('{"errcode":0,"errmsg":"ok","name":"汉字"}'))
    const reply = await createCall(make(t, server.baseUrl, patient))('/wxa/thing', { a: '&=# 字' }, '{"字":1}')
    assert.equal(
      reply.read('name', (raw) => raw),
      '汉字',
    )
    assert.equal(server.asked[0]?.method, 'POST')
    assert.equal(server.asked[0]?.query.get('a'), '&=# 字')
    assert.equal(Buffer.from(server.asked[0]?.body ?? '', 'latin1').toString(), '{"字":1}')
  })

  test(`T10 ${name}: an odd but right answer is understood`, async (t) => {
    const server = await rawServer(t, () => {})
    const transport = make(t, server.baseUrl, patient)
    for (const { name: label, bytes, unionid } of oddAnswers) {
      server.behaviour = (socket) => socket.write(bytes)
      assert.equal((await logIn(transport)).unionid, unionid, label)
    }
  })

  test(`T05 T10 ${name}: ${badAnswers.length} wrong answers make no identity and tell no secret`, async (t) => {
    assert.ok(badAnswers.length >= 40)
    const server = await rawServer(t, () => {})
    const transport = make(t, server.baseUrl, patient)
    for (const { name: label, bytes, code: expected } of badAnswers) {
      server.behaviour = (socket) => socket.write(bytes)
      await failsWith(expected, transport, label)
    }
    server.behaviour = always(goodBody)
    assert.ok(await logIn(transport), 'and the next right answer counts again')
  })

  test(`T05 T10 T28 ${name}: ${faults.length} broken exchanges have the right class and tell no secret`, async (t) => {
    const server = await rawServer(t, () => {})
    const transport = make(t, server.baseUrl, patient)
    for (const { name: label, behaviour, code: expected } of faults.filter(({ silent }) => !silent)) {
      server.behaviour = behaviour
      await failsWith(expected, transport, label)
    }
    server.behaviour = always(goodBody)
    assert.ok(await logIn(transport), 'and the next right answer counts again')
  })

  test(`T28 ${name}: given a server that does not answer, then the call ends at its deadline as unknown and the socket is closed`, async (t) => {
    await Promise.all(
      faults
        .filter(({ silent }) => silent)
        .map(async ({ name: label, behaviour, code: expected }) => {
          const server = await rawServer(t, behaviour)
          const began = performance.now()
          await failsWith(expected, make(t, server.baseUrl, 150), label)
          const took = performance.now() - began
          assert.ok(took >= 100, `${label} took ${took} ms`)
          await Promise.all([...server.open].map((socket) => new Promise((closed) => socket.on('close', closed))))
        }),
    )
  })

  test(`T28 ${name}: given a refused connection, then the failure says that nothing was sent`, async (t) => {
    const port = await closedPort()
    const error = await failsWith('unreachable', make(t, `http://127.0.0.1:${port}`, patient), 'a closed port')
    assert.match(error.message, /ECONNREFUSED/)
    await failsWith('unreachable', make(t, 'http://no-such-host.invalid', patient), 'an unknown name')
  })

  test(`T28 ${name}: given a reset connection, then no identity is made`, async (t) => {
    const server = await rawServer(t, () => {})
    server.onConnection = (socket) => socket.resetAndDestroy()
    const thrown = await logIn(make(t, server.baseUrl, patient)).catch((error: unknown) => error)
    assert.ok(thrown instanceof WeChatError && ['outcome_unknown', 'unreachable'].includes(thrown.code))
    assertNoSecretIn(thrown)
  })

  test(`T31 ${name}: a redirect is not followed`, async (t) => {
    const elsewhere = await rawServer(t, always(goodBody))
    const server = await rawServer(t, () => {})
    const transport = make(t, server.baseUrl, patient)
    for (const status of ['301 Moved', '302 Found', '303 See', '307 Temporary', '308 Permanent', '300 Choose']) {
      const headers = [`Location: ${elsewhere.baseUrl}/sns/jscode2session?x=1`]
      server.behaviour = always(goodBody, { status, headers })
      const error = await failsWith('unexpected', transport, status)
      assert.equal(error.status, Number(status.slice(0, 3)))
    }
    assert.equal(elsewhere.asked.length, 0)
  })

  test(`T10 ${name}: an answer that comes after the deadline is given to no other request`, async (t) => {
    const server = await rawServer(t, () => {})
    const transport = make(t, server.baseUrl, 120)
    let late: () => void = () => {}
    server.behaviour = (socket) => {
      late = () => void socket.write(answer(person('late')))
    }
    await failsWith('outcome_unknown', transport, 'silence')
    late()
    server.behaviour = (socket) => {
      late()
      socket.write(answer(person('mine')))
    }
    assert.equal((await logIn(transport)).openid, 'mine')
    assert.equal(server.asked.length, 2)
  })

  test(`T10 ${name}: given two answers to one request, then the second is given to no other request`, async (t) => {
    const server = await rawServer(t, (socket, { query }) => {
      const twice = [answer(person(query.get('js_code') ?? '')), answer(person('somebody-else'))]
      if (server.asked.length % 3 === 0) socket.write(Buffer.concat(twice))
      else for (const bytes of twice) setImmediate(() => socket.write(bytes))
    })
    const call = createCall(make(t, server.baseUrl, patient))
    for (let turn = 0; turn < 60; turn++) {
      const { openid } = await codeToSession(app, loginCode(`person${turn}`), call)
      assert.equal(openid, `person${turn}`)
    }
  })

  test(`T06 ${name}: for any text WeChat sees exactly four parameters with our values, or no call at all`, async (t) => {
    const server = await rawServer(t, always(goodBody))
    const call = createCall(make(t, server.baseUrl, patient))
    await fc.assert(
      fc.asyncProperty(hostileText, fc.boolean(), async (text, past) => {
        const before = server.asked.length
        // `past` slips around the constructor, as a program without types can.
        const sent = past ? (text as ReturnType<typeof loginCode>) : attempt(() => loginCode(text))
        if (sent === undefined) return assert.doesNotMatch(text, /^[\w-]{1,128}$/)
        await codeToSession(app, sent, call)
        assert.equal(server.asked.length, before + 1)
        const asked = server.asked.at(-1)
        assert.equal(asked?.path, '/sns/jscode2session')
        assert.deepEqual(
          [...(asked?.query ?? [])],
          [
            ['appid', app.id],
            ['secret', canary.secret],
            ['js_code', text.toWellFormed()],
            ['grant_type', 'authorization_code'],
          ],
        )
      }),
      { numRuns: 300 },
    )
  })
}

const person = (openid: string): string => JSON.stringify({ session_key: canary.sessionKey, openid })

function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  await new Promise((closed) => server.close(closed))
  return typeof address === 'object' && address !== null ? address.port : 0
}
