import { Button, View } from '@tarojs/components'
import { useLoad } from '@tarojs/taro'
import { useState } from 'react'
import { hufu } from '../../hufu'

export default function Index() {
  const [user, setUser] = useState(null)
  const [orders, setOrders] = useState([])
  const [problem, setProblem] = useState('')

  const load = async () => {
    try {
      setUser(await hufu.ready())
      const { data } = await hufu.request({ url: '/orders' })
      setOrders(data.items)
    } catch (error) {
      setProblem(error.message)
    }
  }
  const place = async () => {
    await hufu.request({ url: '/orders', method: 'POST', data: { item: '西湖龙井' } })
    load()
  }
  useLoad(load)

  return (
    <View className="page">
      <View className="card">
        <View>{problem || (user ? '已登录' : '正在登录…')}</View>
        {user && <View className="id">{user.id}</View>}
      </View>
      <View className="card">
        <View>订单 {orders.length} 个</View>
        {orders.map((order) => (
          <View key={order.number}>{order.item}</View>
        ))}
      </View>
      <Button onTap={place}>下一单</Button>
    </View>
  )
}
