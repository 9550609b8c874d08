import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faults } from './support/faults.ts';
import { startCity, type City } from './support/city.ts';
import { play, type Result, type Size } from './support/scene.ts';
import { report, rowOf } from './support/table.ts';

/* `npm run test:faults` strikes every fault at full load; `npm test` some of them at a smaller one. One alone: `-t` and its name.
   FAULTS_SEED: of what is left to chance. FAULTS_JSON: a file for the table. FAULTS_EVIDENCE: a folder for what phones, rows and logs said of a fault that broke something. */
const isShort = process.env['FAULTS'] !== 'all';
const seed = Number(process.env['FAULTS_SEED'] ?? 1);
const size: Size = isShort ? { callers: 10, impatient: 2, talkMs: 4_000, isShort, seed } : { callers: 20, impatient: 5, talkMs: 6_000, isShort, seed };

describe('nothing breaks it', () => {
  let city: City;
  const results: Result[] = [];
  beforeAll(async () => { city = await startCity(); });
  afterAll(async () => {
    const { system } = await city.ari<{ system: { version: string } }>('/asterisk/info');
    report(results, { asterisk: system.version, isShort, seed });
    await city.stop();
  });

  for (const fault of faults.filter((one) => !isShort || one.isShort)) {
    it(fault.name, { timeout: 300_000 }, async ({ skip }) => {
      if (fault.needsDisk && !city.disk) skip('no small disk could be mounted: that takes root');
      const result = await play(city, fault, size);
      results.push(result);
      process.stdout.write(`${rowOf(result)}\n`);
      expect(result.violations).toEqual([]);
    });
  }
});
