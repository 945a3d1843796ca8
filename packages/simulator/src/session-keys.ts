import type { Visit, World } from './world.ts'

/**
 * What acquiring a code does to the session_key: a missing, expired or old enough one is replaced, and the old key is
 * dead at once (one person has exactly one in one mini program). A quick repeat keeps it. Its life slides with use.
 */
export function renewSessionKey(world: World, visit: Visit): void {
  const now = world.clock.now()
  const { minRotateSeconds, sessionKeySeconds } = world.settings
  if (visit.sessionKey === '' || now >= visit.keyExpiresAt || now - visit.rotatedAt >= minRotateSeconds * 1000) {
    rotateSessionKey(world, visit)
  }
  visit.keyExpiresAt = now + sessionKeySeconds * 1000
}

/** What a login on the person's other device does: the key that a server holds is stale from now on. */
export function rotateSessionKey(world: World, visit: Visit): void {
  const now = world.clock.now()
  visit.sessionKey = world.ids.sessionKey(visit.app.id, visit.person.name, ++visit.sessionKeys)
  visit.rotatedAt = now
  visit.keyExpiresAt = now + world.settings.sessionKeySeconds * 1000
}

/** The living session_key; nothing before the first login and after its life. */
export function liveSessionKey(world: World, visit: Visit): string | undefined {
  return visit.sessionKey !== '' && world.clock.now() < visit.keyExpiresAt ? visit.sessionKey : undefined
}
