// Runs before any package is there: installs them when package-lock.json changed, then hands over to start.ts.
import { installPackages, runTypeScript } from './install.mjs';

installPackages();
runTypeScript('scripts/start.ts');
