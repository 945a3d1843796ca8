// `npm run bench:client`: our client SDK beside those that people install today, on the same script against the same fake
// wx: five authenticated calls at once on a fresh phone, then five at once with a session that has ended. Counted is what
// each script asks of WeChat and of the network; the sizes are one bundle, minified and gzipped in the same way.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sizeOf } from './engine.ts'
import { type Candidate, candidates, folder, type Subject } from './subjects.ts'

interface Counts {
  logins: number
  exchanges: number
  requests: number
}

const kibibytes = (bytes: number) => (bytes / 1024).toFixed(1)

install()
console.log(
  '| | min · gzip | 5 calls, cold: logins · exchanges · requests | 5 calls, expired: logins · exchanges · requests |',
)
console.log('| --- | --- | --- | --- |')
const notes: string[] = []
for (const candidate of candidates) {
  console.log(`| ${[candidate.name, ...(await measure(candidate))].join(' | ')} |`)
  if (candidate.note) notes.push(`${candidate.name}: ${candidate.note}`)
}
console.log('| weRequest | not measured: it is not on npm | | |')
for (const note of notes) console.log(`\n${note}.`)

async function measure(candidate: Candidate): Promise<string[]> {
  const { minified, gzipped } = await sizeOf(await candidate.code())
  const subject = await candidate.start()
  const cold = await fiveAtOnce(subject)
  await subject.expire()
  const expired = await fiveAtOnce(subject)
  const words = ({ logins, exchanges, requests }: Counts) => `${logins} · ${exchanges} · ${requests}`
  return [`${kibibytes(minified)} · ${kibibytes(gzipped)} KiB`, words(cold), words(expired)]
}

async function fiveAtOnce(subject: Subject): Promise<Counts> {
  const { fake, call, wait, exchanges } = subject
  const before = { logins: fake.count('login'), exchanges: exchanges(), requests: fake.count('request') }
  await wait(Promise.all(Array.from({ length: 5 }, call)))
  return {
    logins: fake.count('login') - before.logins,
    exchanges: exchanges() - before.exchanges,
    requests: fake.count('request') - before.requests,
  }
}

/** The others are installed here and only here, when first needed. Their install scripts are not run. */
function install(): void {
  const installed = join(folder, 'node_modules', '.package-lock.json')
  const lockfile = join(folder, 'package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return
  const done = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  })
  if (done.status !== 0) throw new Error('npm ci failed in bench/client')
}
