/** A system call as strace saw it. The places are numbers of lines, which come in the order in which things happened. */
export interface Call {
  name: string
  /** What it was called with; bytes as strace writes them, letters and digits as they are. */
  args: string
  /** Before this nothing of it had happened. */
  from: number
  /** From here on it was done; not at all where the trace ends before. */
  to: number
}

const WHOLE = /^\d+ +(\w+)\((.*)\) += +(-?\d+)/
const BEGUN = /^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$/
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>.* += +(-?\d+)/

/** Reads what `strace -f -o` wrote; calls that failed are left out. */
export function readTrace(text: string): Call[] {
  const calls: Call[] = []
  const begun = new Map<string, Call>()
  for (const [line, words] of text.split('\n').entries()) {
    const whole = WHOLE.exec(words)
    const start = BEGUN.exec(words)
    const end = RESUMED.exec(words)
    if (whole) {
      const [, name = '', args = '', result] = whole
      if (Number(result) >= 0) calls.push({ name, args, from: line, to: line })
    } else if (start) {
      const [, thread = '', name = '', args = ''] = start
      begun.set(thread, { name, args, from: line, to: Number.POSITIVE_INFINITY })
    } else if (end) {
      const [, thread = '', , result] = end
      const call = begun.get(thread)
      begun.delete(thread)
      if (call && Number(result) >= 0) calls.push({ ...call, to: line })
    }
  }
  return [...calls, ...begun.values()].sort((one, other) => one.from - other.from)
}
