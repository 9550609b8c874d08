import type { TestProject } from 'vitest/node';
import { startOwnServers } from './own-stack.ts';
import { startForWorkers } from './global-stack.ts';

/** The servers without the service, for a tier that is the service itself. */
export default function setup(project: TestProject): Promise<() => Promise<void>> {
  return startForWorkers(project, startOwnServers);
}
