import type { ResourceLimits } from 'node:worker_threads'

/** The file of a thread, beside the sources and beside the compiled files alike. */
export const threadFile = (name: string): URL =>
  new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** In MiB. What these threads make lives no longer than a transaction; left alone, each heap grows with the machine's memory. */
export const SMALL_HEAP: ResourceLimits = { maxYoungGenerationSizeMb: 4 }
