import chineseDays from 'chinese-days';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCalendar } from '../../src/calendar/read-calendar.ts';
import { ownDatabase } from '../support/own-database.ts';
import { placeOfWorker } from '../support/place-of-worker.ts';

/** The official days of a first run against a second source: what the State Council announced for these years. */
describe('working days', () => {
  let db: Awaited<ReturnType<typeof ownDatabase>>;
  beforeAll(async () => { db = await ownDatabase(placeOfWorker().env['DATABASE_URL'] ?? ''); });
  afterAll(() => db.close());

  it.each([2025, 2026])('of %i are those of another calendar, day by day', async (year) => {
    const calendar = await readCalendar(db.pool);
    const days = Array.from({ length: 365 }, (_, index) => new Date(Date.UTC(year, 0, 1 + index)).toISOString().slice(0, 10));
    // Asked by its text at noon, for that library goes by the machine's own zone.
    expect(days.filter((day) => (calendar(day) === 'workday') !== chineseDays.isWorkday(`${day} 12:00:00`))).toEqual([]);
    expect(days.filter((day) => calendar(day) === 'workday').length).toBeGreaterThan(240);
  });
});
