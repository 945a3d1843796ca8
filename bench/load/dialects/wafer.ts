import { createCipheriv } from 'node:crypto'
import { APP_ID, openidOf, sessionKeyOf } from '../../world/people.ts'
import { expectWords, getRequest } from '../exchange.ts'
import type { Dialect } from './dialect.ts'

const IV = Buffer.alloc(16, 7)

/** Its client sends what `wx.getUserInfo` gave in the days before 2021: the encrypted profile beside the code. */
export const wafer: Dialect = {
  logIn: ({ person, code }) => ({
    request: getRequest(
      '/login',
      `x-wx-code: ${code}\r\nx-wx-encrypted-data: ${encryptedProfile(person)}\r\nx-wx-iv: ${IV.toString('base64')}\r\n`,
    ),
    makesSession: true,
    read: (answer) => expectWords(answer, 'skey'),
  }),
}

function encryptedProfile(person: number): string {
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(sessionKeyOf(person), 'base64'), IV)
  const profile = JSON.stringify({ openId: openidOf(person), nickName: 'Bench', watermark: { appid: APP_ID } })
  return cipher.update(profile, 'utf8', 'base64') + cipher.final('base64')
}
