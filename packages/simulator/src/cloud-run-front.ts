import { connect, createServer, type Socket } from 'node:net'
import type { Simulator } from './simulator.ts'
import type { ContainerRequest } from './wx/cloud.ts'
import { overNetwork, type WireReply } from './wx/http.ts'

/** Which Cloud Run service this stands in front of. */
export type CloudRunFrontOptions = {
  /** Knows everybody's openid and unionid. */
  wechat: Pick<Simulator, 'openid' | 'unionid'>
  /** Where the container listens: `http://127.0.0.1:<port>`. */
  container: string
  /** Id of the cloud environment. */
  env: string
  /** The app that owns the environment. */
  appId: string
}

/** Who calls, and from where. */
export type CloudRunCaller = {
  /** The name of a person that the simulated WeChat knows. */
  person: string
  /** The app they are in, where it is one that borrows the environment (环境共享). */
  from?: string
  /** `wx_client` by default. */
  source?: string
}

/** WeChat in front of one service of Cloud Run. */
export type CloudRunFront = {
  /** `wx.cloud.callContainer` of this caller; made for `cloud.container` of the fake `wx`. */
  containerFor(caller: CloudRunCaller): (request: ContainerRequest) => Promise<WireReply>
  /** The public domain of the service. Passes every byte through as it is: WeChat does not promise more. */
  publicUrl: string
  /** Ends the public domain and every connection through it. */
  close(): Promise<void>
}

/**
 * What stands before a container of WeChat Cloud Run (微信云托管). The gateway drops the `x-wx-*` headers that a client
 * sends and writes its own; the public domain does not touch them. Both arrive at the same port.
 */
export async function createCloudRunFront(options: CloudRunFrontOptions): Promise<CloudRunFront> {
  const { container, env } = options
  const publicDomain = await forwardTo(new URL(container))
  return {
    containerFor: (caller) => async (request) => {
      if (request.env !== env) throw new Error('-501000 env not exists')
      const sent = Object.entries(request.headers).filter(([name]) => !name.toLowerCase().startsWith('x-wx-'))
      const headers = {
        ...Object.fromEntries(sent),
        ...identityOf(options, caller),
        'x-wx-env': env,
        'x-wx-source': caller.source ?? 'wx_client',
        'x-wx-service': request.service,
      }
      return overNetwork({ ...request, url: new URL(request.path, container).href, headers })
    },
    ...publicDomain,
  }
}

/** Where an environment is shared, the caller stands in the `from` headers and the owning app has no openid to tell. */
function identityOf({ wechat, appId }: CloudRunFrontOptions, { person, from }: CloudRunCaller): Record<string, string> {
  const home = from ?? appId
  const prefix = from === undefined ? 'x-wx-' : 'x-wx-from-'
  const unionid = wechat.unionid(home, person)
  return {
    'x-wx-appid': appId,
    [`${prefix}appid`]: home,
    [`${prefix}openid`]: wechat.openid(home, person),
    ...(unionid === undefined ? {} : { [`${prefix}unionid`]: unionid }),
  }
}

async function forwardTo({ hostname, port }: URL): Promise<Pick<CloudRunFront, 'publicUrl' | 'close'>> {
  const open = new Set<Socket>()
  const server = createServer((client) => {
    open.add(client)
    const inside = connect(Number(port), hostname)
    client.pipe(inside).pipe(client)
    client.on('error', () => inside.destroy())
    inside.on('error', () => client.destroy())
    client.on('close', () => {
      open.delete(client)
      inside.destroy()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const bound = server.address()
  return {
    publicUrl: `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        for (const client of open) client.destroy()
      }),
  }
}
