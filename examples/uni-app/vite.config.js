import plugin from '@dcloudio/vite-plugin-uni'
import { defineConfig } from 'vite'

// 这个插件是 CommonJS，默认导出在 default 里。
const uni = plugin.default ?? plugin

export default defineConfig({ plugins: [uni()] })
