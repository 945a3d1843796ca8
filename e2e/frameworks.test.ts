import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Fixture, startFixture } from '../test/runtime/fixture.ts'
import { shop } from '../test/runtime/hufu.ts'
import { pack } from '../test/runtime/pack.ts'
import { runTool, tools, workshop } from './workshop.ts'

let fixture: Fixture
before(async () => {
  fixture = await startFixture()
})
after(() => fixture?.close())

/** What `npm run build` of each example runs, and where it leaves its work. */
const frameworks = [
  {
    name: 'uni-app',
    person: 'xiaoming',
    command: '@dcloudio/vite-plugin-uni/bin/uni.js',
    output: 'dist/build/mp-weixin',
  },
  { name: 'taro', person: 'xiaohong', command: '@tarojs/cli/bin/taro', output: 'dist' },
]

for (const { name, person, command, output } of frameworks) {
  test(`${name}: the example builds, logs in once and works as a person of ours`, async () => {
    const folder = workshop(name)
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    runTool(join(tools, command), scripts.build.split(' ').slice(1), folder)
    const program = pack(join(folder, output))
    const addressed = program.script
      .replaceAll('http://127.0.0.1:8787', fixture.hufu.url)
      .replaceAll('http://127.0.0.1:3000', fixture.api)
    const phone = await fixture.run({ ...program, script: addressed }, { appId: shop.appId, person })
    await phone.see('已登录')
    const { user } = await fixture.hufu.logIn(shop, person)
    await phone.see(user.id)
    await phone.see('订单 0 个')
    await phone.tap('下一单')
    await phone.see('订单 1 个')
    await phone.screenshot(name)
    assert.equal(phone.fake.count('login'), 1)
    assert.equal(phone.fake.count('request', `${fixture.hufu.url}/v1/login`), 1)
    assert.deepEqual(phone.errors, [])
    await phone.close()
  })
}
