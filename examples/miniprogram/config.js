// 换成自己的项目时，只改这个文件。
module.exports = {
  // 虎符服务器，一个版本一个地址。开发版是仓库里 npm start 打印的地址；真机调试时写电脑的局域网地址。
  server: {
    develop: 'http://127.0.0.1:8787',
    trial: 'https://id.example.com',
    release: 'https://id.example.com',
  },

  // 产品自己的后端：仓库里 npm run example:express。
  api: {
    develop: 'http://127.0.0.1:3000',
    trial: 'https://shop.example.com',
    release: 'https://shop.example.com',
  },

  // 同一主体的两个小程序。真正的小程序只有一个 AppID；这里列出两个，好看到同一个人在两边是同一个用户。
  apps: [
    { appId: 'wx00000000000000a1', name: '茶铺' },
    { appId: 'wx00000000000000a2', name: '茶友会' },
  ],

  // 开发时可以扮演的人，正式版里不允许（SDK 会拒绝），发布前清空这个数组。没有 person 的那一项用真正的 wx.login。
  people: [{ label: '小明', person: 'xiaoming' }, { label: '小红', person: 'xiaohong' }, { label: 'wx.login' }],

  // 方式二：由云函数登录。填上它，就不再用 wx.login：{ env: '云开发环境 ID', function: 'hufu-login' }
  cloud: null,
}
