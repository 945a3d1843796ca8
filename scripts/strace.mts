// Finds the strace by which the order of a server's writes is watched, and installs it where that is allowed.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Said loudly, in the test's own output and at the end. */
export const noStrace = `
!!! No strace that may watch processes: it was NOT shown that answers wait for the disk. (Linux: apt-get install strace)
!!! 没有可用的 strace：没有验证“落盘之后才应答”。（Linux 上：apt-get install strace）

`

/** Whether there is one and it may do its work, after trying to install it as root on Debian and its kin. */
export function ensureStrace(): boolean {
  if (works()) return true
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    process.stderr.write(
      'Watching the order of writes needs strace; installing it · 验证落盘顺序需要 strace，正在安装…\n',
    )
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const apt = (...words: string[]) =>
      spawnSync('apt-get', words, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0
    if (apt('update', '-qq')) apt('install', '-y', '-qq', '--no-install-recommends', 'strace')
  }
  return works()
}

const works = (): boolean =>
  spawnSync('strace', ['-f', '--seccomp-bpf', '-e', 'trace=fdatasync', '-o', '/dev/null', 'true']).status === 0
