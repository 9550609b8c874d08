import { Type } from 'typebox';
import { requireUser } from '../auth/authenticate.ts';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { Id, Page, pageOf, pageQuery, readCursor, uuidPattern } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { AlertView, viewAlert } from './alert-view.ts';
import { askForHelp, handleAlert } from './handle-alert.ts';
import { findOpenHelp, listAlerts, type Alert } from './queries.ts';

const seatParams = Type.Object({ seatId: Type.String({ pattern: '^[0-9]{3,6}$' }) });
const actParams = Type.Object({ alertId: Id, action: Type.Enum(['take', 'resolve']) });
const Note = Type.Object({ note: Type.Optional(Type.String({ maxLength: 500, description: 'No citizen’s data; supervisors read it' })) }, { additionalProperties: false });
const HelpBody = Type.Optional(Type.Union([Type.Null(), Note]));
const listQuery = Type.Object({ ...pageQuery, open: Type.Optional(Type.Boolean({ description: 'true: only those not resolved' })) }, { additionalProperties: false });
const tags = ['supervision'];
const ask = { config: { permission: 'help.ask' } } as const;

/** Calls for help from seats (求助), and what else a supervisor should look at now. */
export function registerAlertRoutes(app: App, deps: Deps): void {
  app.post('/api/seats/:seatId/help', { ...ask, schema: {
    summary: 'Ask for a supervisor from the own seat, during a call or not',
    tags, params: seatParams, body: HelpBody, response: { 200: AlertView, ...problemResponses(404, 409) },
  } }, async (request) => {
    const { seatId } = request.params;
    return viewAlert(await askForHelp(deps, { actor: requireUser(request), trace: request }, { seatId, note: request.body?.note ?? '' }));
  });

  app.delete('/api/seats/:seatId/help', { ...ask, schema: {
    summary: 'Take the own call for help back', tags, params: seatParams, response: { 200: AlertView, ...problemResponses(404, 409) },
  } }, async (request) => {
    const actor = requireUser(request);
    const open = await findOpenHelp(deps.pool, request.params.seatId);
    if (!open || open.operatorId !== actor.userId) throw new AppError('not_found', { entity: 'help', id: request.params.seatId });
    return viewAlert(await handleAlert(deps, { actor, trace: request }, open.id, 'resolve'));
  });

  app.get('/api/alerts', { config: { permission: 'alert.read' }, schema: {
    summary: 'Alerts to the supervisors: open ones first, then the newest',
    tags, querystring: listQuery, response: { 200: Page(AlertView), ...problemResponses() },
  } }, async (request) => {
    const { cursor, limit, open } = request.query;
    const key = readCursor(cursor, keyPattern);
    const after = key === null ? null : { isResolved: key.startsWith('1'), id: key.slice(1) };
    return pageOf(await listAlerts(deps.pool, { after, isOpen: open ?? false, limit: limit + 1 }), limit, keyOf, viewAlert);
  });

  app.post('/api/alerts/:alertId/actions/:action', { config: { permission: 'alert.manage' }, schema: {
    summary: 'Take an alert, so that others need not, or resolve it',
    tags, params: actParams, response: { 200: AlertView, ...problemResponses(404, 409) },
  } }, async (request) => viewAlert(await handleAlert(deps, { actor: requireUser(request), trace: request }, request.params.alertId, request.params.action)));
}

const keyPattern = new RegExp(`^[01]${uuidPattern.source.slice(1)}`);

function keyOf(alert: Alert): string {
  return `${alert.resolvedAt ? '1' : '0'}${alert.id}`;
}
