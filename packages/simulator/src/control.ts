import { appKindNames, scopes } from './app-kinds.ts'
import { faultNames } from './faults.ts'
import {
  number,
  oneOf,
  optional,
  orNull,
  type ReadBy,
  type Reader,
  readJson,
  readObject,
  text,
  yesOrNo,
} from './field-readers.ts'
import { openDataKinds } from './open-data.ts'
import { personOf } from './people.ts'
import type { ApiRequest } from './reply.ts'
import type { Simulator } from './simulator.ts'
import { SimulatorError, type SimulatorErrorCode } from './simulator-error.ts'
import { type Person, risks, type World } from './world.ts'

/** Answers one request to `/_sim`, with an HTTP status and a JSON body. */
export type Control = (request: ApiRequest) => { status: number; body: unknown }

const statuses = { invalid_request: 400, not_found: 404, method_not_allowed: 405 } as const satisfies Record<
  SimulatorErrorCode,
  number
>

type Handler = (body: string, rest: string) => unknown

/** The side that real life works on in the real thing: people tap, owners bind apps, networks fail, time passes. */
export function control(simulator: Simulator, world: World): Control {
  const person = ({ name, phone, risk }: Person) => ({ name, phone, risk, apps: simulator.identities(name) })
  const routes: Record<string, Record<string, Handler>> = {
    '/_sim/apps': {
      POST: taking(
        {
          appId: text,
          kind: oneOf(appKindNames),
          secret: text,
          openAccount: optional(orNull(text)),
          frozen: optional(yesOrNo),
        },
        (app) => {
          simulator.addApp(app)
          return { appId: app.appId }
        },
      ),
      GET: () => ({
        items: [...world.apps.values()].map(({ id, kind, openAccount, frozen }) => ({
          appId: id,
          kind,
          openAccount,
          frozen,
        })),
      }),
    },
    '/_sim/people': {
      POST: taking({ name: text, phone: optional(text), risk: optional(oneOf(risks)) }, (input) => {
        simulator.addPerson(input)
        return person(personOf(world, input.name))
      }),
      GET: () => ({ items: [...world.people.values()].map(({ name, phone, risk }) => ({ name, phone, risk })) }),
    },
    '/_sim/people/': { GET: (_body, name) => person(personOf(world, name)) },
    '/_sim/login': {
      POST: taking(
        { appId: text, person: text, scope: optional(oneOf(scopes)), snapshot: optional(yesOrNo) },
        ({ appId, person, ...options }) => ({ code: simulator.login(appId, person, options) }),
      ),
    },
    '/_sim/phone-code': {
      POST: taking({ appId: text, person: text }, ({ appId, person }) => ({
        code: simulator.phoneCode(appId, person),
      })),
    },
    '/_sim/open-data': {
      POST: taking({ appId: text, person: text, kind: optional(oneOf(openDataKinds)) }, ({ appId, person, kind }) =>
        simulator.openData(appId, person, kind),
      ),
    },
    '/_sim/rotate-session-key': {
      POST: taking({ appId: text, person: text }, ({ appId, person }) => {
        simulator.rotateSessionKey(appId, person)
        return { appId, person }
      }),
    },
    '/_sim/bind': {
      POST: taking({ appId: text, openAccount: orNull(text) }, ({ appId, openAccount }) => {
        simulator.bind(appId, openAccount)
        return { appId, openAccount }
      }),
    },
    '/_sim/clock': {
      POST: taking({ advanceSeconds: number }, ({ advanceSeconds }) => {
        simulator.advance(advanceSeconds)
        return { now: simulator.now() }
      }),
      GET: () => ({ now: simulator.now() }),
    },
    '/_sim/faults': {
      POST: taking(
        {
          fault: oneOf(faultNames),
          match: optional(text),
          appId: optional(text),
          times: optional(number),
          rate: optional(number),
          redeem: optional(yesOrNo),
          ms: optional(number),
          status: optional(number),
          errcode: optional(number),
          errmsg: optional(text),
          body: optional(text),
          contentType: optional(text),
          location: optional(text),
        },
        (rule) => simulator.fault(rule),
      ),
      GET: () => ({ items: simulator.faults() }),
      DELETE: () => {
        simulator.clearFaults()
        return { items: [] }
      },
    },
    '/_sim/calls': { GET: () => ({ count: simulator.callCount(), items: simulator.calls() }) },
  }

  return ({ method, path, body }) => {
    try {
      const cut = path.lastIndexOf('/') + 1
      const exact = routes[path]
      const handlers = exact ?? (cut < path.length ? routes[path.slice(0, cut)] : undefined)
      if (handlers === undefined) {
        throw new SimulatorError('not_found', `No ${path} here. There is: ${Object.keys(routes).join(', ')}{name}.`)
      }
      const handler = handlers[method]
      if (handler === undefined) {
        throw new SimulatorError('method_not_allowed', `${path} takes ${Object.keys(handlers).join(' or ')}.`)
      }
      return { status: 200, body: handler(body, exact ? '' : decode(path.slice(cut))) }
    } catch (error) {
      if (!(error instanceof SimulatorError)) throw error
      return { status: statuses[error.code], body: { error: error.code, message: error.message } }
    }
  }
}

/** A handler of a JSON body with just these fields. */
function taking<R extends Record<string, Reader<unknown>>>(readers: R, handle: (input: ReadBy<R>) => unknown): Handler {
  return (body) => handle(readObject(readJson(body), readers))
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new SimulatorError('invalid_request', 'The path is not well percent-encoded.')
  }
}
