import { openVault } from '../../src/cases/identity/vault.ts';

/** The key of all test stacks, and of what a test does within its own process. */
export const testIdentityKeys = `test:${Buffer.alloc(32, 7).toString('base64')}`;
openVault(testIdentityKeys);
