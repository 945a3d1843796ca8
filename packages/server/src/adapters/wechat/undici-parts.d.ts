// The two parts of undici that are used here. Its main entry also loads fetch, WebSocket, caches and mocks: 60 ms of every
// start and 11 MiB, for nothing.
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici'

  export default Client
}
declare module 'undici/lib/core/connect.js' {
  import { buildConnector } from 'undici'

  export default buildConnector
}
