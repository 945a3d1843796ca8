// One cloud-function instance, as a child process: the platform puts the caller into the environment, calls `main`, and
// does the same again for the next caller. Plain CommonJS, so that it runs on every Node that WeChat offers.
const { main } = require(process.argv[2])

let given = []
function invoke({ id, env, event }) {
  for (const name of given) delete process.env[name]
  given = Object.keys(env)
  Object.assign(process.env, env)
  const context = { request_id: id, function_name: 'hufu-login', namespace: 'demo-env', time_limit_in_ms: 3000 }
  Promise.resolve(main(event, context)).then(
    (result) => process.send({ id, result: result === undefined ? null : result }),
    (error) => process.send({ id, error: error instanceof Error ? error.stack : String(error) }),
  )
}
// Several calls in one message follow each other without a pause: harder than the platform, where each waits for the last.
process.on('message', (calls) => calls.forEach(invoke))
process.send({ ready: true })
