import type { TestProject } from 'vitest/node';
import { startOwnStack, type Place } from './own-stack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    place: Place;
  }
}

/** One hotline for all files of a tier. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { place, stop } = await startOwnStack();
  project.provide('place', place);
  return stop;
}
