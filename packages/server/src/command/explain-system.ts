import type { ExitCode, Explanation } from './explanation.ts'

/** Cause and cure for one code of the operating system (errno(3)), in English and Chinese. */
type Words = readonly [en: string, zh: string, exit: ExitCode]

const PORTS = 'set HUFU_PORT, HUFU_ADMIN_PORT, HUFU_SIMULATOR_PORT'

const CODES: Readonly<Record<string, Words>> = {
  EACCES: [
    'The user who runs Hufu may not do that there. Give it to that user (chown, chmod), or name another place.',
    '运行 Hufu 的用户没有权限：请更改所有者或权限（chown、chmod），或换一个位置。',
    2,
  ],
  EPERM: [
    'It belongs to another user, or is protected from changes. Give it to the user who runs Hufu, or name another place.',
    '它属于其他用户，或被设为不可更改：请更改所有者，或换一个位置。',
    2,
  ],
  EROFS: [
    'Nothing can be written on this file system. Name another place, or mount it for writing.',
    '该文件系统只读：请换一个位置，或以可写方式挂载。',
    2,
  ],
  ENOENT: [
    'There is no such file or folder. Correct the name, or make it.',
    '没有这个文件或目录：请改正名字，或先创建。',
    2,
  ],
  ENOTDIR: [
    'A part of this path is a file, not a folder. Name a folder, such as HUFU_DATA_DIR=/var/lib/hufu.',
    '路径中有一段是文件而不是目录：请指定一个目录，例如 HUFU_DATA_DIR=/var/lib/hufu。',
    2,
  ],
  EEXIST: [
    'There is a file of that name where a folder is wanted. Move it away, or name another place (HUFU_DATA_DIR).',
    '那里已有同名文件，而这里需要目录：请移走它，或换一个位置。',
    2,
  ],
  EISDIR: ['This is a folder where a file is wanted. Name a file.', '这里需要文件，却是目录：请指定文件。', 2],
  ENAMETOOLONG: ['The name is too long. Name a shorter path.', '路径太长：请换一个短的。', 2],
  ELOOP: ['Links lead round in a circle. Name the place itself.', '符号链接成环：请直接指定位置。', 2],
  ENOSPC: [
    'The disk is full. Make room, then start again: nothing was lost.',
    '磁盘已满：请腾出空间后再启动，数据没有丢失。',
    1,
  ],
  EDQUOT: [
    'The quota of this user is used up. Make room, then start again.',
    '磁盘配额已用完：请腾出空间后再启动。',
    1,
  ],
  EFBIG: [
    'A file may not grow any further here (ulimit -f, or the file system). Raise that limit, then start again.',
    '文件大小受限（ulimit -f 或文件系统）：请提高上限后再启动。',
    1,
  ],
  EIO: [
    'The disk does not answer as it should. Look at the system’s log; restore a backup if it is broken.',
    '磁盘读写出错：请查看系统日志，必要时从备份恢复。',
    1,
  ],
  EMFILE: ['Too many files are open. Raise the limit (ulimit -n).', '打开的文件过多：请提高上限（ulimit -n）。', 1],
  ENOMEM: ['There is no memory left. Give this machine or container more.', '内存不足：请增加内存。', 1],
  EADDRINUSE: [`Stop the other process, or ${PORTS}.`, '端口被占用：请停止占用它的进程，或换一个端口。', 1],
  EADDRNOTAVAIL: [
    'This machine has no such address. Set HUFU_HOST, HUFU_ADMIN_HOST or HUFU_CLOUDRUN_HOST to one of its own.',
    '本机没有这个地址：请把 HUFU_HOST 等设为本机的地址。',
    2,
  ],
  ECONNREFUSED: [
    'Nobody listens at that address. Start what should answer there, or correct host and port.',
    '对方没有在监听：请启动它，或改正主机与端口。',
    4,
  ],
  ENOTFOUND: [
    'There is no host of that name. Correct it, or look at the name servers.',
    '找不到该主机名：请改正，或检查 DNS。',
    4,
  ],
  EAI_AGAIN: [
    'The name servers do not answer. Try again, or look at the network.',
    'DNS 没有应答：请重试，或检查网络。',
    4,
  ],
  ETIMEDOUT: [
    'There was no answer in time. Look at network and firewall, or correct host and port.',
    '连接超时：请检查网络与防火墙，或改正主机与端口。',
    4,
  ],
  ECONNRESET: [
    'The other side broke the connection. Look at its log, and at what stands between.',
    '连接被对方中断：请查看对方的日志及中间设备。',
    4,
  ],
  EPIPE: ['The other side went away. Try again.', '对方已断开：请重试。', 4],
  EHOSTUNREACH: ['No way leads to that host. Look at network and firewall.', '无法到达该主机：请检查网络与防火墙。', 4],
  ENETUNREACH: [
    'No way leads to that network. Look at network and firewall.',
    '无法到达该网络：请检查网络与防火墙。',
    4,
  ],
}

/** What the operating system refused; undefined for any other error. */
export function explainSystem(error: Error): Explanation | undefined {
  const { code, path, address, port, syscall } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  const words = typeof code === 'string' && Object.hasOwn(CODES, code) ? CODES[code] : undefined
  if (!words) return undefined
  const [en, zh, exit] = words
  if (code === 'EACCES' && syscall === 'listen') {
    return {
      what: `${address}:${port} is not for this user to listen at (${code})`,
      en: `Ports below 1024 are for root: ${PORTS} to others, and let a proxy stand in front.`,
      zh: '1024 以下的端口需要特权：请换一个端口，并在前面放反向代理。',
      exit: 2,
    }
  }
  if (code === 'EADDRINUSE') return { what: `The port is taken: ${error.message}. ${en}`, en: `(${code})`, zh, exit }
  const where = path ?? (address === undefined ? undefined : `${address}:${port}`) ?? syscall ?? 'what it needs'
  return { what: `Hufu cannot use ${where} (${code}) · 无法使用`, en, zh, exit }
}
