import { act } from './act.ts'
import { compare, everyIdResolves } from './compare.ts'
import { setScene } from './scene.ts'
import type { Stage } from './stage.ts'
import type { Story } from './steps.ts'

/**
 * Tells one story on a stage and, after every step that asked anything of the store, compares the tables with the
 * invariants and with the model.
 *
 * @param number which story this is on this stage
 */
export async function play(stage: Stage, story: Story, number: number): Promise<void> {
  const scene = await setScene(stage, story, number)
  for (const step of story.steps) {
    const asked = await act(scene, step)
    if (asked) await compare(scene)
  }
  await everyIdResolves(scene)
}
