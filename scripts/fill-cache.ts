import { fetchDebianPackages } from './stack/debian-packages.ts';
import { findBinaries } from './stack/postgres.ts';
import { speakPrompts } from './stack/prompts.ts';
import { readSettings } from './stack/settings.ts';

/* What every stack takes from the cache, for `npm test`, which starts several at once: each would make it for itself. */
const settings = readSettings(process.env);
const root = await fetchDebianPackages(settings);
await findBinaries(settings);
await speakPrompts(settings, root);
