/** Between two tries: a little longer each time, 200 ms at most, and never in step with the others. */
export const pause = (run: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(5 * 2 ** run, 200)))
