// The load, in a process of its own: neither the servers nor the scripted WeChat share its processor time. It is asked over
// the channel to the process that started it.
import { Load, type LoadOptions, type Peak, type Steady, type Target } from './load.ts'

/** What it can be asked; an answer bears the same number. */
export type Ask = { number: number; name: string } & (
  | { open: Target }
  | { peak: LoadOptions }
  | { steady: LoadOptions & { perSecond: number } }
)
export type Told = { number: number; result: Peak | Steady | undefined } | { failed: string }

const loads = new Map<string, Load>()
const tell = (told: Told): void => void process.send?.(told)

async function answer(ask: Ask): Promise<Peak | Steady | undefined> {
  if ('open' in ask) return void loads.set(ask.name, new Load(ask.open))
  const load = loads.get(ask.name)
  if (!load) throw new Error(`no load for ${ask.name} was opened`)
  return 'peak' in ask ? load.peak(ask.peak) : load.steady(ask.steady)
}

let current = ''
process.on('message', (ask: Ask) => {
  current = ask.name
  answer(ask).then((result) => tell({ number: ask.number, result }), fail)
})
process.on('uncaughtException', fail)
process.on('disconnect', () => process.exit())

function fail(error: Error): void {
  tell({ failed: `${current}: ${error.message}` })
}
