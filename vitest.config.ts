import { defineConfig } from 'vitest/config';

const project = (name: string, options: object = {}) => ({ test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 120_000, hookTimeout: 300_000, ...options } });
/** The files of a tier with real servers share one stack, so they run one after the other; with TEST_STACKS=3 there are three, each with files of its own. */
const inTurn = { maxWorkers: Number(process.env['TEST_STACKS'] ?? 1) };
const onServers = { globalSetup: ['test/support/global-servers.ts'], ...inTurn };
const onStack = { globalSetup: ['test/support/global-stack.ts'], ...inTurn };

export default defineConfig({
  test: {
    projects: [
      project('unit'), project('setup'), project('telephony', onServers), project('integration', onStack), project('asterisk', onStack),
      project('restarts', inTurn), project('faults', inTurn), project('e2e', onStack),
    ],
  },
});
