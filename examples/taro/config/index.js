module.exports = {
  projectName: 'hufu-example',
  sourceRoot: 'src',
  outputRoot: 'dist',
  framework: 'react',
  compiler: 'webpack5',
  plugins: [],
  cache: { enable: false },
  mini: {},
}
