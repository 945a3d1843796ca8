import type { Users } from '../../../../ports/users.ts'
import { write } from '../../transaction.ts'
import { eraseUser } from './erase-user.ts'
import { holdUser } from './hold-user.ts'

const deleteUser = write<Users['delete']>(function* ({ act, userId: id }) {
  const userId = yield* holdUser(id)
  if (!userId) return false
  yield* eraseUser(act, userId)
  return true
})

export { deleteUser as delete }
