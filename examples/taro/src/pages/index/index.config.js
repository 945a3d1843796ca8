export default { navigationBarTitleText: '虎符 Taro' }
