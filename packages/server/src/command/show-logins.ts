import type { LoginReply } from '@hufu/contract'
import { say } from './say.ts'
import type { Watched } from './watch-wechat.ts'

interface Demonstration {
  /** Address of the public listener: the login goes the way every login goes. */
  server: string
  watched: Watched
  person: string
  apps: string[]
  codeFor(appId: string, person: string): string
}

/** Logs one person in to each app over HTTP and prints what came of it. */
export async function showLogins({ server, watched, person, apps, codeFor }: Demonstration): Promise<void> {
  const users = new Set<string>()
  for (const [index, appId] of apps.entries()) {
    const code = codeFor(appId, person)
    const reply = await fetch(`${server}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ appId, code }),
    })
    if (!reply.ok) throw new TypeError(`the demonstration login was refused with ${reply.status}`)
    const login = (await reply.json()) as LoginReply
    users.add(login.user.id)
    say(
      `Login ${index + 1}: ${person} opens ${appId}`,
      `  1 wx.login gives the code        ${code}`,
      `  2 POST /v1/login; WeChat answers ${watched.answer()}`,
      `  3 whose user is it?              ${watched.decision()} → ${login.user.id}`,
      `  4 openid                         ${login.openid ?? '(not shown)'}`,
      `    unionid                        ${login.unionid ?? 'none'}`,
      `  5 access token                   ${login.accessToken.slice(0, 24)}… (${login.expiresIn} s)`,
      `    refresh token                  ${login.refreshToken.slice(0, 30)}… (hidden)`,
      '',
    )
  }
  if (users.size === 1 && apps.length > 1)
    say('Two apps, two openids, one unionid: one user · 两个应用，同一个用户', '')
}
