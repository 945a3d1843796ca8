/** Says what is going on, on standard error: the table alone goes to standard output. */
export function say(line: string): void {
  process.stderr.write(`  ${line}\n`)
}
