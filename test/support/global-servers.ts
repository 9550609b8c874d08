import type { TestProject } from 'vitest/node';
import { startOwnServers } from './own-stack.ts';

/** The servers without the service, for a tier that is the service itself. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { place, stop } = await startOwnServers();
  project.provide('place', place);
  return stop;
}
