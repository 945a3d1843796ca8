const two = (number) => String(number).padStart(2, '0')

/** '2026-11-22T08:40:31.000Z' → '11-22 16:40'，按手机的时区。 */
function time(iso) {
  const date = new Date(iso)
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`
}

module.exports = { time }
