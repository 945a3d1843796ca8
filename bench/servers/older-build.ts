import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { say } from '../say.ts'
import { repository } from './program.ts'

/** An older state of ours, compiled in a work tree of its own. */
export interface OlderBuild {
  tree: string
  /** The commit, short. */
  commit: string
  /** Takes the work tree away again. */
  remove(): void
}

/** @throws {Error} when there is no such revision, or when it does not compile */
export function buildOlder(revision: string, scratch: string): OlderBuild {
  const commit = run('git', ['rev-parse', '--short', '--verify', `${revision}^{commit}`], repository).trim()
  const tree = join(scratch, 'older')
  say(`building ${revision} (${commit}) in a work tree of its own`)
  run('git', ['worktree', 'add', '--detach', tree, commit], repository)
  const remove = (): void => void run('git', ['worktree', 'remove', '--force', tree], repository)
  try {
    if (hasSameLockfile(tree)) linkDependencies(tree)
    else run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], tree)
    // The server and what it imports; a client that has outgrown its size does not matter here.
    run(join(tree, 'node_modules', '.bin', 'tsc'), ['-b', join('packages', 'server')], tree)
  } catch (error) {
    remove()
    throw error
  }
  return { tree, commit, remove }
}

const hasSameLockfile = (tree: string): boolean =>
  readFileSync(join(tree, 'package-lock.json')).equals(readFileSync(join(repository, 'package-lock.json')))

/** The installed packages of others, and that tree's own of ours. */
function linkDependencies(tree: string): void {
  const [from, to] = [join(repository, 'node_modules'), join(tree, 'node_modules')]
  mkdirSync(join(to, '@hufu'), { recursive: true })
  const ours = readdirSync(join(tree, 'packages'))
  for (const name of readdirSync(from)) {
    if (name !== '@hufu' && name !== 'hufu') symlinkSync(join(from, name), join(to, name), 'junction')
  }
  for (const name of ours) symlinkSync(join(tree, 'packages', name), join(to, '@hufu', name), 'junction')
  symlinkSync(join(tree, 'packages', 'server'), join(to, 'hufu'), 'junction')
}

function run(command: string, args: string[], cwd: string): string {
  const env = { ...process.env, PATH: `${join(repository, 'node_modules', '.bin')}${delimiter}${process.env.PATH}` }
  const done = spawnSync(command, args, { cwd, env, encoding: 'utf8', shell: process.platform === 'win32' })
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${done.stdout}${done.stderr}`)
  return done.stdout
}
