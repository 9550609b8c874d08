import { defineConfig } from 'vitest/config';

const project = (name: string, options: object = {}) => ({ test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 120_000, hookTimeout: 300_000, ...options } });
/** The tiers with real servers share one stack, so their files run one after the other. */
const onStack = { globalSetup: ['test/support/global-stack.ts'], fileParallelism: false, maxWorkers: 1 };

export default defineConfig({ test: { projects: [project('unit'), project('setup'), project('integration', onStack), project('asterisk', onStack), project('restarts', { fileParallelism: false, maxWorkers: 1 }), project('e2e', onStack)] } });
