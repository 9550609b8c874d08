import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { problemResponses } from '../http/problem.ts';
import { neededYears } from './published-rules.ts';
import { listPublishedYears } from './queries.ts';

const Status = Type.Object({ years: Type.Array(Type.Object({ year: Type.Integer(), isPublished: Type.Boolean() })), missingYears: Type.Array(Type.Integer()) });

export function registerCalendarRoutes(app: App, { pool, now }: Deps): void {
  app.get('/api/configuration/calendar-status', { config: { permission: 'configuration.read' }, schema: {
    summary: 'Whether the official days of this year are entered and, from 1 November on, those of the next; deadlines across a year without them are provisional', tags: ['configuration'],
    response: { 200: Status, ...problemResponses() },
  } }, async () => {
    const published = await listPublishedYears(pool);
    const years = neededYears(now()).map((year) => ({ year, isPublished: published.has(year) }));
    return { years, missingYears: years.filter((one) => !one.isPublished).map((one) => one.year) };
  });
}
