import { audit } from '../../auth/audit.ts';
import { requireActor } from '../../auth/authenticate.ts';
import type { Deps } from '../../deps.ts';
import type { App } from '../../http/app-type.ts';
import { Page, pageOf } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { countBoxes, countedTo } from './count-boxes.ts';
import { findPage } from './find-page.ts';
import { listItem } from './list-view.ts';
import { loadRows } from './load-rows.ts';
import { readAfter, readFilter, writeCursor } from './read-filter.ts';
import { readerOf } from './reader.ts';
import { InboxView, ListItem, ListQuery } from './schemas.ts';

const tags = ['cases'];
/** Whoever reads cases at all; which ones, each list says by itself. */
export const anyReader = { permission: ['case.read', 'case.read_unit'] } as const;

export function registerCaseListRoutes(app: App, deps: Deps): void {
  app.get('/api/cases', {
    config: anyReader, schema: {
      summary: 'Cases of a box, a filter, a search; a unit’s people find those in which their unit or one below it has a part',
      tags, querystring: ListQuery, response: { 200: Page(ListItem), ...problemResponses(422) },
    },
  }, async (request) => {
    const { cursor, limit, ...asked } = request.query;
    const actor = requireActor(request);
    const reader = readerOf(actor);
    const { filter, sort } = readFilter(deps, reader, asked);
    const now = deps.now();
    const keys = await findPage(deps.pool, { filter, reader, sort, after: readAfter(cursor, sort), limit: limit + 1, now });
    const rows = await loadRows(deps.pool, keys.slice(0, limit).map((key) => key.id), reader);
    // A lookup by number is written down also when it found nothing.
    if (actor.permissions.has('identity.read') && (rows.length > 0 || filter.phone !== undefined)) {
      await audit(deps.pool, actor, request, { action: 'identity.listed', entity: 'case', details: { byPhone: filter.phone !== undefined, caseIds: rows.map((row) => row.id) } });
    }
    const { nextCursor } = pageOf(keys, limit, (key) => writeCursor(key, sort), (key) => key);
    return { items: rows.map((row) => listItem(row, reader, now)), nextCursor };
  });

  app.get('/api/inbox', {
    config: anyReader, schema: {
      summary: 'The boxes of my inbox, with how much is in each, due today, yellow and red; GET /api/cases?box=… lists one',
      tags, response: { 200: InboxView, ...problemResponses() },
    },
  }, async (request) => {
    const reader = readerOf(requireActor(request));
    const now = deps.now();
    return { at: now.toISOString(), countedTo, boxes: await countBoxes(deps.pool, reader, now) };
  });
}
