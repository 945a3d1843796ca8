import type { AppInput, PersonInput } from './world.ts'

/**
 * One owner's world to try things in: two mini programs and an official account of one Open Platform account, and two
 * people, 小明 and 小红. The secrets open nothing: no WeChat but the simulator knows them.
 */
export const demoWorld = {
  apps: [
    {
      appId: 'wx00000000000000a1',
      kind: 'miniprogram',
      secret: 'demo-secret-of-the-shop-not-real',
      openAccount: 'demo-owner',
    },
    {
      appId: 'wx00000000000000a2',
      kind: 'miniprogram',
      secret: 'demo-secret-of-the-club-not-real',
      openAccount: 'demo-owner',
    },
    {
      appId: 'wx00000000000000b1',
      kind: 'official-account',
      secret: 'demo-secret-of-the-news-not-real',
      openAccount: 'demo-owner',
    },
  ],
  people: [
    { name: 'xiaoming', phone: '13800138000' },
    { name: 'xiaohong', phone: '13800138001' },
  ],
} as const satisfies { apps: readonly AppInput[]; people: readonly PersonInput[] }
