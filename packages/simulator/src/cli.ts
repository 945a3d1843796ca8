import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { createSimulator } from './create-simulator.ts'
import { demoWorld } from './demo-world.ts'
import type { Listener } from './listener.ts'

const help = `A WeChat that runs on a laptop. 在自己电脑上运行的微信服务端，用于开发和测试。

Usage: hufu-simulator [options]

  --port <number>   port, 0 for any free one (8789)                  端口
  --host <address>  address to listen on (127.0.0.1)                 监听地址
  --name <host>     host name that it is called by besides localhost          访问它所用的主机名
                    and addresses, as often as needed
  --seed <text>     same seed, same openids, keys and codes;         种子：相同种子得到相同结果
                    without it openids stay and codes are new each time
  --dev-codes       take hufu-dev:<person> and the mock codes of     接受开发用 code
                    WeChat DevTools as codes of any mini program
  --demo            start with ${demoWorld.apps.length} apps and ${demoWorld.people.length} people                  预置演示应用与用户
  --help            print this                                       显示帮助
`

type Started = {
  simulator: ReturnType<typeof createSimulator>
  port: number
  host: string
  names: string[]
  isDemo: boolean
}

/** Runs the command: serves until SIGINT or SIGTERM. Leaves with 2 when the arguments are wrong, 1 when the port is. */
export async function main(args: string[]): Promise<void> {
  const read = readArguments(args)
  if ('stop' in read) {
    const out = read.stop === 0 ? process.stdout : process.stderr
    out.write(read.text)
    process.exitCode = read.stop
    return
  }
  const { simulator, port, host, names, isDemo } = read
  let listener: Listener
  try {
    listener = await simulator.listen({ port, host, names })
  } catch (error) {
    process.stderr.write(
      `Cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : 'no reason given'}\n`,
    )
    process.exitCode = 1
    return
  }
  process.stdout.write(welcome(listener.url, isDemo))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void listener.close())
}

function readArguments(args: string[]): Started | { stop: number; text: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: 'string', default: '8789' },
        host: { type: 'string', default: '127.0.0.1' },
        name: { type: 'string', multiple: true },
        seed: { type: 'string' },
        'dev-codes': { type: 'boolean', default: false },
        demo: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) return { stop: 0, text: help }
    if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535) {
      return refusal('--port must be a number from 0 to 65535.')
    }
    // A server that outlives us would take a code of an earlier run for one that is spent.
    const seeds = values.seed === undefined ? { codeSeed: randomUUID() } : { seed: values.seed }
    const simulator = createSimulator({ ...seeds, devCodes: values['dev-codes'] })
    if (values.demo) {
      for (const app of demoWorld.apps) simulator.addApp(app)
      for (const person of demoWorld.people) simulator.addPerson(person)
    }
    return { simulator, port: Number(values.port), host: values.host, names: values.name ?? [], isDemo: values.demo }
  } catch (error) {
    return refusal(error instanceof Error ? error.message : 'Wrong arguments.')
  }
}

const refusal = (why: string) => ({ stop: 2, text: `${why}\nTry hufu-simulator --help\n` })

function welcome(url: string, isDemo: boolean): string {
  const [app] = demoWorld.apps
  const [person] = demoWorld.people
  const post = (path: string, body: unknown) => `  curl -s ${url}/_sim/${path} -d '${JSON.stringify(body)}'\n`
  const setUp = isDemo ? '' : post('apps', app) + post('people', person)
  const query = `appid=${app.appId}&secret=${app.secret}&js_code=<code>&grant_type=authorization_code`
  return `WeChat simulator on ${url} 微信模拟器已启动

Get a code, as wx.login would 获取 code：
${setUp}${post('login', { appId: app.appId, person: person.name })}
Turn it into a person, as a server does 用 code 换取 openid：
  curl -s '${url}/sns/jscode2session?${query}'
`
}
