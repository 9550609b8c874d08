// Runs before any package is there: installs them when package-lock.json changed, then goes on in TypeScript.
import { installPackages } from './install.mjs';

await installPackages();
const { register } = await import('tsx/esm/api');
register();
await import('./start.ts');
