import { SettingProblem } from './problem-error.ts'

/** This process would write what nobody could open, and refuses to. */
export const masterKeyReplaced = (): SettingProblem =>
  new SettingProblem(
    'Another master key has taken over this database. This process goes on with what it holds and writes nothing sealed; start it again with the new HUFU_MASTER_KEY. · 该数据库已改用新的主密钥，本进程不再写入加密内容：请用新的 HUFU_MASTER_KEY 重启',
  )
