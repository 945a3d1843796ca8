import type { Service } from '../compose.ts'

interface AppFacts {
  appId: string
  kind: string
  secret: string
}

/** Adds an app, or gives the one that is there this AppSecret. */
export async function ensureApp(admin: Service['localAdminApp'], { appId, kind, secret }: AppFacts): Promise<void> {
  const send = (method: string, path: string, body: object) =>
    admin.request(`/admin/v1/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const added = await send('POST', 'apps', { appId, kind, secret })
  const reply = added.status === 409 ? await send('PATCH', `apps/${appId}`, { secret }) : added
  if (!reply.ok) throw new TypeError(((await reply.json()) as { detail: string }).detail)
}
