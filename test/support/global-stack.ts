import type { TestProject } from 'vitest/node';
import { startOwnStack, type OwnStack } from './own-stack.ts';

/** A hotline for each worker of a tier; its files share it, one after the other. */
export default function setup(project: TestProject): Promise<() => Promise<void>> {
  return startForWorkers(project, startOwnStack);
}

/** One after the other: on a machine without the cache the first one fills it. */
export async function startForWorkers(project: TestProject, start: () => Promise<OwnStack>): Promise<() => Promise<void>> {
  const stacks: OwnStack[] = [];
  const stop = async (): Promise<void> => { await Promise.all(stacks.map((one) => one.stop())); };
  try {
    while (stacks.length < Number(project.config.maxWorkers)) stacks.push(await start());
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide('places', stacks.map((one) => one.place));
  return stop;
}
