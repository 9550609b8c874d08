import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const project = (name: string, options: object = {}) => ({ test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 1_200_000, hookTimeout: 1_200_000, setupFiles: ['test/support/identity-key.ts'], ...options } });
/** The files of a tier with real servers share one stack, so they run one after the other; with TEST_STACKS=3 there are three, each with files of its own. */
const inTurn = { maxWorkers: Number(process.env['TEST_STACKS'] ?? 1) };
const onServers = { globalSetup: ['test/support/global-servers.ts'], ...inTurn };
const onStack = { globalSetup: ['test/support/global-stack.ts'], ...inTurn };

/** Files that wait for long begin first: none of them is to be left alone at the end. */
class LongWaitsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const waits = ({ moduleId }: TestSpecification): boolean => /call-out-unanswered|asterisk\/recordings/.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongWaitsFirst },
    projects: [
      project('unit'), project('setup'), project('telephony', onServers), project('integration', onStack), project('asterisk', onStack), project('stories', onStack),
      project('restarts', inTurn), project('faults', inTurn), project('e2e', onStack),
    ],
  },
});
