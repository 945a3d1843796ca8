import { useLaunch } from '@tarojs/taro'
import './app.css'
import { hufu } from './hufu'

export default function App({ children }) {
  useLaunch(() => {
    hufu.ready().catch(() => {})
  })
  return children
}
