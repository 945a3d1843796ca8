import { join } from 'node:path'
import { makeDatabase } from '../database.ts'
import type { Options, Surroundings } from '../options.ts'
import type { Figure } from '../report.ts'
import { newRunner, ratio, runRounds, stopAll, warmUp } from '../rounds.ts'
import { say } from '../say.ts'
import { startHufu } from '../servers/hufu.ts'
import { median } from '../statistics.ts'

const FEW = 10_000
/** Beyond ten live sessions of one person the oldest ends, which is another cost; few people must not come that often. */
const MOST_PER_PERSON = 8

/** What a login costs with many people stored, against few. */
export async function measureSize(
  { scratch, command, upstream }: Surroundings,
  { users, seconds, connections, ...options }: Options,
): Promise<{ figures: Figure[]; raw: object }> {
  const [few, many] = await Promise.all(
    [FEW, users].map(async (stored) => {
      say(`size: making a database of ${stored} people`)
      const folder = join(scratch, `people-${stored}`)
      await makeDatabase(command, folder, stored)
      const server = await startHufu({ command, name: `hufu with ${stored}`, folder, upstream })
      return newRunner(server.name, [server], { path: '/v1/login', stored, connections })
    }),
  )
  if (!few || !many) throw new Error('two databases were asked for')
  await warmUp(few, options.warmUp)
  await warmUp(many, options.warmUp)
  const rounds = [await runRounds([few, many], 1, seconds)]
  while (rounds.length < options.rounds && few.load.answered < FEW * MOST_PER_PERSON) {
    rounds.push(await runRounds([few, many], 1, seconds))
  }
  await stopAll([few, many])
  const fewRounds = rounds.flatMap(([one = []]) => one)
  const manyRounds = rounds.flatMap(([, other = []]) => other)
  const rate = (of: typeof fewRounds): string => median(of.map(({ perSecond }) => perSecond)).toFixed(0)
  return {
    figures: [
      {
        what: `cost of a login with ${users.toLocaleString('en')} people stored ÷ with 10,000`,
        value: ratio(fewRounds, manyRounds, 'perSecond'),
        unit: 'ratio',
        asked: { most: 1.25 },
        detail: `${rate(manyRounds)} per second against ${rate(fewRounds)}; processor time ${ratio(manyRounds, fewRounds, 'processor').toFixed(2)} ×`,
      },
    ],
    raw: { few: fewRounds, many: manyRounds },
  }
}
