import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { createCloudRunFront } from '@hufu/simulator'
import { club, shop } from '../fixture/apps.ts'
import { newServer, type ServerOptions } from '../fixture/server.ts'
import { serve } from './serve.ts'

export const environment = 'prod-5gtest'

export const cloudRunSettings = {
  HUFU_CLOUDRUN_PORT: '80',
  HUFU_CLOUDRUN_PUBLIC_ACCESS: 'closed',
  HUFU_CLOUDRUN_ENV: environment,
  HUFU_CLOUDRUN_APP_IDS: shop.appId,
  HUFU_CLOUDRUN_FROM_APP_IDS: club.appId,
  CBR_ENV_ID: environment,
}

/** A server inside a container: its public listener, the one behind the gateway, and the gateway itself. */
export async function newCloudRun(t: TestContext, { settings, ...options }: ServerOptions = {}) {
  const server = await newServer(t, { settings: { ...cloudRunSettings, ...settings }, ...options })
  const { app, gatewayApp } = server.service
  if (!gatewayApp) throw new TypeError('there is no listener behind the gateway')
  const [open, inside] = [await serve(t, app), await serve(t, gatewayApp)]
  const front = await createCloudRunFront({
    wechat: server.wechat,
    container: inside.address,
    env: environment,
    appId: shop.appId,
  })
  t.after(() => front.close())
  return { server, front, open: open.port, inside: inside.port }
}

export interface Answer {
  status: number
  body: Record<string, unknown>
}

/** Sends one request, its header lines written as they stand (bytes, in latin1), and hears the answer. */
export function send(port: number, target: string, lines: readonly string[], body = '{}'): Promise<Answer> {
  const [method, path] = target.split(' ')
  const length = Buffer.byteLength(body)
  const head = [
    `${method} ${path} HTTP/1.1`,
    'Host: hufu.example',
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${length}`,
    ...lines,
  ]
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('end', () => resolve(read(Buffer.concat(chunks).toString())))
    socket.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'))
    socket.write(body)
  })
}

function read(answer: string): Answer {
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), body: body === '' ? {} : JSON.parse(body) }
}
