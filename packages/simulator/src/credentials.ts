import type { App, World } from './world.ts'

/** The app whose id and secret the query holds, or the errcode that says what is wrong with it. */
export function checkCredentials(world: World, query: URLSearchParams, codeName: string): App | number {
  const appId = query.get('appid')
  const secret = query.get('secret')
  if (!appId) return 41002
  if (!secret) return 41004
  if (!query.get(codeName)) return 41008
  if (query.get('grant_type') !== 'authorization_code') return 40002
  return checkSecret(world, appId, secret)
}

export function checkSecret(world: World, appId: string, secret: string): App | number {
  const app = world.apps.get(appId)
  if (app === undefined) return 40013
  if (app.frozen) return 40243
  return app.secret === secret ? app : 40125
}
