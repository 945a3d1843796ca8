import type { AppId } from '@hufu/wechat/words'
import { newId, type UserId } from './ids.ts'

/** Who did something, in which request, when. Made once, at the edge, and handed to whatever writes it down. */
export interface Act {
  /** One of those below. */
  actor: string
  requestId: string
  /** Milliseconds since 1970. */
  now: number
}

/** Whoever runs this installation: at the admin listener, by a command, or as the application around the library. */
export const OPERATOR = 'operator'
/** This process by itself, at its start. */
export const SYSTEM = 'system'
/** A caller who has not said who they are, such as one with a refresh token. */
export const ANYBODY = 'person'
/** Somebody who signs in to an app. */
export const appActor = (appId: AppId): string => `app:${appId}`
/** Somebody who is signed in. */
export const userActor = (userId: UserId): string => `user:${userId}`

/** An act outside of any HTTP request. */
export const newAct = (actor: string, now: number, requestId: string = newId('req', now)): Act => ({
  actor,
  requestId,
  now,
})

/** The same act, once it is known who does it. */
export const actBy = (act: Act, actor: string): Act => ({ ...act, actor })
