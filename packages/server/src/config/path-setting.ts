/**
 * A path as the system takes it. What only a shell would have replaced is refused: taken as it is, it would be a folder
 * called `~`, with a new and empty database in it.
 *
 * @throws {TypeError}
 */
export function pathSetting(value: string): string {
  if (value === '') throw new TypeError('names no path')
  if (/^(~|\$|%\w+%)/.test(value)) {
    throw new TypeError('begins with ~, $ or %…%, which only a shell replaces; write the whole path')
  }
  return value
}
