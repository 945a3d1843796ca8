export default {
  pages: ['pages/index/index'],
  window: {
    navigationBarTitleText: '虎符 Taro',
    navigationBarBackgroundColor: '#f6f6f6',
    navigationBarTextStyle: 'black',
  },
}
