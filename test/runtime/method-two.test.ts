import { generateKeyPairSync } from 'node:crypto'
import { type CloudFunction, exampleFunction, startFunction } from '../../packages/cloud/src/testing/cloud-function.ts'
import type { Fixture } from './fixture.ts'
import { journey } from './journey.ts'

const functions = new Map<string, Promise<CloudFunction>>()

/** The example function as it is deployed for one app: with a key that an operator has made and put into its environment. */
async function deploy({ hufu }: Fixture, appId: string): Promise<CloudFunction> {
  const pair = generateKeyPairSync('ed25519')
  const publicJwk = JSON.stringify(pair.publicKey.export({ format: 'jwk' }))
  const { id } = await hufu.admin<{ id: string }>('POST', 'cloud-keys', { appId, unionid: 'trust', publicJwk })
  const privateJwk = JSON.stringify({ ...pair.privateKey.export({ format: 'jwk' }), kid: id })
  return startFunction(exampleFunction(), { HUFU_SERVER: hufu.url, HUFU_CLOUD_KEY: privateJwk })
}

journey({
  name: 'cloud-function',
  open: async (fixture, { appId }, person) => {
    const { simulator } = fixture.hufu
    const deployed = functions.get(appId) ?? deploy(fixture, appId)
    functions.set(appId, deployed)
    const caller = {
      TCB_SOURCE: 'wx_client',
      WX_APPID: appId,
      WX_OPENID: simulator.openid(appId, person),
      WX_UNIONID: simulator.unionid(appId, person) ?? '',
    }
    const login = async (data: unknown) => (await deployed).invoke(caller, data)
    return fixture.open(
      { appId, person, cloud: { functions: { 'hufu-login': login } } },
      { cloud: { env: 'demo-env', function: 'hufu-login' } },
    )
  },
  entries: (phone) => phone.fake.count('callFunction'),
  async stop() {
    for (const deployed of functions.values()) await (await deployed).stop()
  },
})
