import { createClient } from '@hufu/miniprogram'
import { createClient as createCoreClient } from '@hufu/miniprogram/core'

createClient({ server: 'https://hufu.example', appId: 'wx1' }).ready()
createCoreClient({ server: 'https://hufu.example', appId: 'wx1' }).ready()
