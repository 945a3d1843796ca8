import { ProblemError } from '../domain/problem-error.ts'
import { addCloudKey, type CloudKeyDeps, revokeCloudKey } from '../usecases/manage-cloud-keys.ts'
import { cloudKeyReply } from './admin-replies.ts'
import { readPage } from './page.ts'
import { readJson, readMembers } from './read.ts'
import { json, type Route } from './route.ts'

export const adminCloudKeyRoutes = (deps: CloudKeyDeps): Route[] => [
  {
    on: 'GET',
    path: '/admin/v1/cloud-keys',
    who: 'operator',
    query: ['appId'],
    async run({ request }) {
      const appId = readPage(request).text('appId')
      const keys = deps.directory.cloudKeys().filter((key) => appId === undefined || key.appId === appId)
      return json({ items: keys.map(cloudKeyReply), next: null })
    },
  },
  {
    on: 'POST',
    path: '/admin/v1/cloud-keys',
    who: 'operator',
    async run({ request, requestId }) {
      const input = readMembers(await readJson(request), { appId: 'text', unionid: 'text', publicJwk: 'text' })
      return json(cloudKeyReply(await addCloudKey(deps, { ...input, requestId })), 201)
    },
  },
  {
    on: 'DELETE',
    path: '/admin/v1/cloud-keys/:id',
    who: 'operator',
    query: ['endSessions'],
    async run({ request, requestId, path }) {
      const endSessions = readFlag(readPage(request).text('endSessions'))
      return json(await revokeCloudKey(deps, { id: path('id'), endSessions, requestId }))
    },
  },
]

/** Nothing but true and false: who asks for an end in another word shall not believe that it came. */
function readFlag(raw: string | undefined): boolean {
  if (raw === undefined || raw === 'true' || raw === 'false') return raw === 'true'
  throw new ProblemError('invalid_request', 'Wrong: endSessions (true or false).')
}
