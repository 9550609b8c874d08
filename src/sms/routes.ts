import { Type } from 'typebox';
import { audit } from '../auth/audit.ts';
import { requireUser } from '../auth/authenticate.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { Id, iso, NullableString, NullableTime, Page, pageOf, pageQuery, readCursor, Time, uuidPattern } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { listSms, retrySms, type SmsRow } from './queries.ts';
import { takeReport } from './send-sms.ts';
import { isSignedBy } from './sign.ts';
import { isTimely } from './signature-rules.ts';
import { smsStates } from './sms.ts';

const tags = ['sms'];
const strict = { additionalProperties: false } as const;
const SmsView = Type.Object({ id: Id, purpose: Type.String(), subjectId: Id, state: Type.String(), attempts: Type.Integer(), nextAttemptAt: NullableTime, gateway: NullableString, error: NullableString, createdAt: Time, sentAt: NullableTime, reportedAt: NullableTime, expiresAt: Time });
const listQuery = Type.Object({ ...pageQuery, state: Type.Optional(Type.Enum([...smsStates])), purpose: Type.Optional(Type.String({ maxLength: 40 })) }, strict);
const Report = Type.Object({ id: Type.String({ maxLength: 100, description: 'The gateway’s own id of the message' }), state: Type.Enum(['delivered', 'failed']), error: Type.Optional(Type.String({ maxLength: 200 })) });

/** Text messages without their numbers and texts; and what the gateway reports of them. */
export function registerSmsRoutes(app: App, deps: Deps): void {
  app.get('/api/sms', { config: { permission: 'sms.read' }, schema: { summary: 'Text messages, newest first; failed ones are what somebody should look at', tags, querystring: listQuery, response: { 200: Page(SmsView), ...problemResponses() } } }, async (request) => {
    const { cursor, limit, state = null, purpose = null } = request.query;
    return pageOf(await listSms(deps.pool, { beforeId: readCursor(cursor, uuidPattern), state, purpose, limit: limit + 1 }), limit, (row) => row.id, view);
  });

  app.post('/api/sms/:messageId/retry', { config: { permission: 'sms.manage' }, schema: { summary: 'Try a failed message again', tags, params: Type.Object({ messageId: Id }), response: { 204: Type.Null(), ...problemResponses(404) } } }, async (request, reply) => {
    const { messageId } = request.params;
    await transaction(deps.pool, async (tx) => {
      if (!(await retrySms(tx, messageId, deps.now()))) throw new AppError('not_found', { entity: 'failed message', id: messageId });
      await audit(tx, requireUser(request), request, { action: 'sms.retried', entity: 'sms_message', entityId: messageId });
    });
    await deps.jobs.wake('send-sms', { messageId }, deps.now());
    return reply.code(204).send(null);
  });

  app.post('/api/sms/reports', { config: { permission: 'public', rateLimit: { max: 6_000, timeWindow: 60_000 } }, schema: {
    summary: 'A delivery report of the HTTP gateway, signed as the messages to it are: x-timestamp, x-signature', tags, body: Report, response: { 204: Type.Null(), ...problemResponses(401, 404) },
  } }, async (request, reply) => {
    const [timestamp, signature] = [String(request.headers['x-timestamp'] ?? ''), String(request.headers['x-signature'] ?? '')];
    const key = deps.config.HOTLINE_SMS_HTTP_KEY;
    // What was signed is the body as sent; the one form that JSON has here is that of JSON.stringify.
    if (key === '' || !isTimely(timestamp, deps.now()) || !isSignedBy(key, { timestamp, body: JSON.stringify(request.body), signature })) throw new AppError('not_authenticated');
    const { id, state, error = null } = request.body;
    if (!(await takeReport(deps, 'http', { gatewayMessageId: id, isDelivered: state === 'delivered', error }))) throw new AppError('not_found', { entity: 'message', id });
    return reply.code(204).send(null);
  });
}

function view(row: SmsRow) {
  return { ...row, nextAttemptAt: iso(row.nextAttemptAt), createdAt: row.createdAt.toISOString(), sentAt: iso(row.sentAt), reportedAt: iso(row.reportedAt), expiresAt: row.expiresAt.toISOString() };
}
