import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { Id, iso, NullableString, NullableTime, Page, pageOf, pageQuery, readCursor, Time, uuidPattern } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { listSms, type SmsRow } from './queries.ts';
import { registerSmsReportRoute } from './report-route.ts';
import { smsStates } from './sms-machine.ts';

const SmsView = Type.Object({ id: Id, purpose: Type.String(), subjectId: Id, state: Type.String(), attempts: Type.Integer(), nextAttemptAt: NullableTime, gateway: NullableString, error: NullableString, createdAt: Time, sentAt: NullableTime, reportedAt: NullableTime, expiresAt: Time });
const listQuery = Type.Object({ ...pageQuery, state: Type.Optional(Type.Enum([...smsStates])), purpose: Type.Optional(Type.String({ maxLength: 40 })) }, { additionalProperties: false });

/** Text messages without their numbers and texts; and what the gateway reports of them. */
export function registerSmsRoutes(app: App, deps: Deps): void {
  app.get('/api/sms', { config: { permission: 'sms.read' }, schema: { summary: 'Text messages, newest first; failed and expired ones are what somebody should look at', tags: ['sms'], querystring: listQuery, response: { 200: Page(SmsView), ...problemResponses() } } }, async (request) => {
    const { cursor, limit, state = null, purpose = null } = request.query;
    return pageOf(await listSms(deps.pool, { beforeId: readCursor(cursor, uuidPattern), state, purpose, limit: limit + 1 }), limit, (row) => row.id, view);
  });
  registerSmsReportRoute(app, deps);
}

function view(row: SmsRow) {
  return { ...row, nextAttemptAt: iso(row.nextAttemptAt), createdAt: row.createdAt.toISOString(), sentAt: iso(row.sentAt), reportedAt: iso(row.reportedAt), expiresAt: row.expiresAt.toISOString() };
}
