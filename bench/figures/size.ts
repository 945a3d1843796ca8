import { join } from 'node:path'
import { compete, enter, leave, median, ratio, say, warmUp } from '../contest.ts'
import { makeDatabase } from '../database.ts'
import type { Options, Surroundings } from '../options.ts'
import type { Figure } from '../report.ts'
import { startHufu } from '../servers/hufu.ts'

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
      return enter(server.name, [server], { path: '/v1/login', stored, connections })
    }),
  )
  if (!few || !many) throw new Error('two databases were asked for')
  await warmUp(few, options.warmUp)
  await warmUp(many, options.warmUp)
  const turns = [await compete([few, many], 1, seconds)]
  while (turns.length < options.rounds && few.load.answered < FEW * MOST_PER_PERSON) {
    turns.push(await compete([few, many], 1, seconds))
  }
  await leave([few, many])
  const fewTurns = turns.flatMap(([one = []]) => one)
  const manyTurns = turns.flatMap(([, other = []]) => other)
  const rate = (of: typeof fewTurns): string => median(of.map(({ perSecond }) => perSecond)).toFixed(0)
  return {
    figures: [
      {
        what: `cost of a login with ${users.toLocaleString('en')} people stored ÷ with 10,000`,
        value: ratio(fewTurns, manyTurns, 'perSecond'),
        unit: 'ratio',
        asked: { most: 1.25 },
        detail: `${rate(manyTurns)} per second against ${rate(fewTurns)}; processor time ${ratio(manyTurns, fewTurns, 'processor').toFixed(2)} ×`,
      },
    ],
    raw: { few: fewTurns, many: manyTurns },
  }
}
