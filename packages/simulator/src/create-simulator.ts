import { createCallLog } from './call-log.ts'
import { createClock } from './clock.ts'
import { logIn, phoneCode } from './codes.ts'
import { control } from './control.ts'
import { createFaultRules } from './fault-rules.ts'
import { createRandom } from './ids.ts'
import { type Listener, listen } from './listener.ts'
import { openData } from './open-data.ts'
import { addApp, addPerson, appOf, bind, personOf, unionidOf, visitOf } from './people.ts'
import { refusePages } from './refuse-pages.ts'
import { createReplies } from './reply.ts'
import { createRequestListener, readTarget } from './request-listener.ts'
import { liveSessionKey, rotateSessionKey } from './session-keys.ts'
import type { Simulator, SimulatorOptions } from './simulator.ts'
import { createWeChatWithFaults } from './wechat-with-faults.ts'
import { createWorld } from './world.ts'

/** Makes a WeChat without apps or people, on which nothing listens yet. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const { seed = 'hufu', now = Date.now, suffix = 'rid', keepCalls = 1000 } = options
  const clock = createClock(now)
  const world = createWorld({ seed, codeSeed: options.codeSeed ?? '' }, clock, {
    devCodes: options.devCodes ?? false,
    minRotateSeconds: options.minRotateSeconds ?? 60,
    sessionKeySeconds: options.sessionKeySeconds ?? 3 * 24 * 3600,
    callsPerMinute: options.callsPerMinute ?? 100,
  })
  const replies = createReplies(clock.now, createRandom(`${seed} rid`), suffix)
  const rules = createFaultRules(createRandom(`${seed} faults`))
  const log = createCallLog(world, keepCalls)
  const wechat = createWeChatWithFaults({ world, replies, rules, log })
  const listeners = new Set<Listener>()
  const visit = (appId: string, person: string) => visitOf(world, appOf(world, appId), personOf(world, person))

  const simulator: Simulator = {
    addApp: (app) => void addApp(world, app),
    addPerson: (person) => void addPerson(world, person),
    login: (appId, person, how) => logIn(world, appId, person, how),
    phoneCode: (appId, person) => phoneCode(world, appId, person),
    openData: (appId, person, kind) => openData(world, appId, person, kind),
    checkSession: (appId, person) => liveSessionKey(world, visit(appId, person)) !== undefined,
    sessionKey: (appId, person) => liveSessionKey(world, visit(appId, person)),
    rotateSessionKey: (appId, person) => rotateSessionKey(world, visit(appId, person)),
    openid: (appId, person) => visit(appId, person).openid,
    unionid: (appId, person) => unionidOf(world, visit(appId, person)),
    identities: (person) =>
      [...world.apps.keys()].map((appId) => ({
        appId,
        openid: visit(appId, person).openid,
        unionid: unionidOf(world, visit(appId, person)) ?? null,
      })),
    bind: (appId, openAccount) => bind(world, appId, openAccount),
    fault(rule) {
      const active = rules.add(rule)
      if (rule.fault === 'refuse') for (const listener of listeners) listener.shut(rule.ms ?? 1000)
      return active
    },
    faults: () => rules.list(),
    clearFaults() {
      rules.clear()
      for (const listener of listeners) listener.open()
    },
    advance: clock.advance,
    now: clock.now,
    calls: () => log.list(),
    callCount: () => log.count(),
    answer: (method, target, body = '') => wechat(readTarget(method, target, body)).reply,
    async listen(where = {}) {
      const listener = await listen(refusePages(handler, where), where)
      listeners.add(listener)
      const close = () => {
        listeners.delete(listener)
        return listener.close()
      }
      return { ...listener, close }
    },
  }
  const handler = createRequestListener(wechat, control(simulator, world))
  return simulator
}
