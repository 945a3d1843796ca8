import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { makeDatabase, sessionsIn } from '../database.ts'
import type { Options, Surroundings } from '../options.ts'
import type { Figure } from '../report.ts'
import { newRunner, type Round, type Runner, ratio, runRounds, stopAll, warmUp } from '../rounds.ts'
import { say } from '../say.ts'
import { startExpress } from '../servers/express.ts'
import { startFloor } from '../servers/floor.ts'
import { startHufu } from '../servers/hufu.ts'
import { median, quantile } from '../statistics.ts'

/** People who have signed in before: many enough that nobody comes back too often in one run. */
const STORED = 100_000

/** Logins per second of the floor, of us and of what people write today; latency at half of our peak; memory under load. */
export async function measureSpeed(
  { scratch, command, upstream }: Surroundings,
  options: Options,
): Promise<{ figures: Figure[]; raw: object }> {
  const { rounds, seconds, connections } = options
  say('speed: making two databases of 100,000 people')
  const folders = { hufu: join(scratch, 'hufu'), floor: join(scratch, 'floor') }
  await makeDatabase(command, folders.hufu, STORED)
  cpSync(folders.hufu, folders.floor, { recursive: true })

  const entry = { path: '/v1/login', stored: STORED, connections }
  const floor = newRunner('floor', [await startFloor({ folder: folders.floor, upstream })], entry)
  const hufu = newRunner('hufu', [await startHufu({ command, folder: folders.hufu, upstream })], entry)
  const express = newRunner('express', [await startExpress({ folder: scratch, upstream })], entry)
  const all = [floor, hufu, express]
  await warmUp(floor, options.warmUp)
  await warmUp(hufu, options.warmUp)
  await warmUp(express, options.warmUp / 20)
  const [floorRounds = [], hufuRounds = [], expressRounds = []] = await runRounds(all, rounds, seconds)

  const rate = median(hufuRounds.map(({ perSecond }) => perSecond)) / 2
  const latency = await compareLatency(hufu, floor, { rate, rounds, seconds })
  await stopAll(all)
  for (const [name, { load }] of Object.entries({ hufu, floor })) {
    const written = sessionsIn(name === 'hufu' ? folders.hufu : folders.floor) - STORED
    if (written !== load.answered) throw new Error(`${name} answered ${load.answered} logins and wrote down ${written}`)
  }

  return {
    figures: [
      {
        what: 'logins per second ÷ the floor’s',
        value: ratio(hufuRounds, floorRounds, 'perSecond'),
        unit: 'ratio',
        asked: { least: 0.8 },
        detail: `${rates(hufuRounds)} against ${rates(floorRounds)}`,
      },
      {
        what: 'floor’s processor time per login ÷ ours',
        value: ratio(floorRounds, hufuRounds, 'processor'),
        unit: 'ratio',
        detail: `${processor(floorRounds)} against ${processor(hufuRounds)}; the server alone, all its threads`,
      },
      {
        what: 'logins per second ÷ Express + axios + jsonwebtoken',
        value: ratio(hufuRounds, expressRounds, 'perSecond'),
        unit: 'ratio',
        asked: { least: 2.5 },
        detail: `${rates(hufuRounds)} against ${rates(expressRounds)}`,
      },
      {
        what: 'p99 at half of our peak ÷ the floor’s at the same rate',
        value: latency.ratio,
        unit: 'ratio',
        asked: { most: 1.5 },
        detail: `${latency.hufu.toFixed(1)} ms against ${latency.floor.toFixed(1)} ms at ${rate.toFixed(0)} per second`,
      },
      {
        what: 'memory under load',
        value: hufu.memory.resident,
        unit: 'MiB',
        detail: `highest resident, of that ${hufu.memory.own.toFixed(0)} its own and the rest files (the program, the database); the floor ${floor.memory.resident.toFixed(0)} MiB`,
      },
    ],
    raw: { floor: floorRounds, hufu: hufuRounds, express: expressRounds, latency },
  }
}

/** The same arrivals for both, round by round; the median over the rounds of each one's p99 in milliseconds. */
async function compareLatency(
  hufu: Runner,
  floor: Runner,
  { rate, rounds, seconds }: { rate: number; rounds: number; seconds: number },
): Promise<{ hufu: number; floor: number; ratio: number; p99s: { hufu: number; floor: number }[] }> {
  const p99s: { hufu: number; floor: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const floorTimes = await floor.load.steady(rate, seconds)
    const hufuTimes = await hufu.load.steady(rate, seconds)
    p99s.push({ hufu: quantile(hufuTimes, 0.99), floor: quantile(floorTimes, 0.99) })
    const last = p99s.at(-1)
    say(`latency ${round + 1} of ${rounds}: p99 floor ${last?.floor.toFixed(1)} ms · hufu ${last?.hufu.toFixed(1)} ms`)
  }
  return {
    hufu: median(p99s.map((p99) => p99.hufu)),
    floor: median(p99s.map((p99) => p99.floor)),
    ratio: median(p99s.map((p99) => p99.hufu / p99.floor)),
    p99s,
  }
}

const rates = (rounds: Round[]): string => median(rounds.map(({ perSecond }) => perSecond)).toFixed(0)
const processor = (rounds: Round[]): string => `${median(rounds.map((round) => round.processor)).toFixed(0)} µs`
