import type { Asked } from './figure.ts'

/** The numbers that Hufu holds itself to. A speed is a ratio within one run: the machine's other work hurts all alike. */
export const TARGETS = {
  /** Logins per second, every commit durable, ÷ the floor's. */
  sqlite: { least: 0.9 },
  /** Four processes on one PostgreSQL on the same processors ÷ the floor's. */
  postgres: { least: 0.8 },
  /** ÷ Express + axios + jsonwebtoken. */
  tutorial: { least: 2.5 },
  /** ÷ better-auth with a mini-program plugin. */
  'better-auth': { least: 8 },
  /** p99 at half of our peak ÷ the floor's at the same rate. */
  latency: { most: 1.5 },
  /** Cost of a login with many people stored ÷ with ten thousand. */
  size: { most: 1.05 },
  /** A login of somebody with 20,000 past sessions ÷ of somebody with few. */
  pastSessions: { most: 1.2 },
  /** An operator's search by any id with many people stored, in milliseconds. */
  search: { most: 20 },
  /** p99 of a token check while operators search ÷ while they ask for what stands in the memory. */
  checksDuringSearch: { most: 2 },
  /** Start to first answer, in milliseconds. */
  start: { most: 300 },
  /** MiB at rest. */
  idle: { most: 90 },
  /** MiB under load. */
  memory: { most: 180 },
} as const satisfies Record<string, Asked>
