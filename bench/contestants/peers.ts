import type { Target } from '../load/load.ts'
import { type Peer, startPeer } from '../servers/peer.ts'
import type { Surroundings } from '../surroundings.ts'
import { type Contestant, STORED } from './contestant.ts'
import { openContestant } from './open-contestant.ts'

const NAMES: Record<Peer, string> = {
  tutorial: 'Express + axios + jsonwebtoken',
  easywechat: 'Express + node-easywechat + jose',
  'better-auth': 'better-auth + plugin',
  wafer: 'wafer-node-session',
}
const DIALECTS: Partial<Record<Peer, Target['dialect']>> = { 'better-auth': 'better-auth', wafer: 'wafer' }

/** What people have today instead of Hufu, on SQLite with the same settings. */
export async function startPeerContestant({ scratch, upstream, loads }: Surroundings, peer: Peer): Promise<Contestant> {
  const programs = [await startPeer({ peer, scratch, upstream, stored: STORED })]
  return openContestant({ id: peer, name: NAMES[peer], programs, loads, dialect: DIALECTS[peer] ?? 'hufu' })
}
