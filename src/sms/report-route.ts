import { Type } from 'typebox';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { problemResponses } from '../http/problem.ts';
import { insertSignature } from './report-queries.ts';
import { checkSignature } from './sign.ts';
import { isTimely } from './signature-rules.ts';
import { takeReportIn } from './take-report.ts';

const Report = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 100, description: 'The gateway’s own id of the message' }),
  state: Type.Enum(['delivered', 'failed']),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'Whom the message was for' })),
  error: Type.Optional(Type.String({ maxLength: 200 })),
});

/**
 * Delivery reports of the HTTP gateway. What is signed are the bytes as they came, so they are checked before anybody reads them: another parser than the
 * rest of the API has, for this route alone.
 */
export function registerSmsReportRoute(app: App, deps: Deps): void {
  void app.register(async (scope: App) => {
    scope.decorateRequest('signature', null);
    const parseJson = scope.getDefaultJsonParser('error', 'error');
    scope.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
      const { 'x-timestamp': timestamp, 'x-signature': given } = request.headers;
      const key = deps.config.HOTLINE_SMS_HTTP_KEY;
      const signature = key !== '' && typeof timestamp === 'string' && isTimely(timestamp, deps.now()) && typeof given === 'string' ? checkSignature(key, { timestamp, body, given }) : null;
      if (!signature) return done(new AppError('not_authenticated'), undefined);
      request.setDecorator('signature', signature);
      void parseJson(request, body.toString('utf8'), done);
    });
    scope.post('/api/sms/reports', { config: { permission: 'public', rateLimit: { max: 6_000, timeWindow: 60_000 } }, schema: {
      summary: 'A delivery report of the HTTP gateway, signed as the messages to it are (x-timestamp, x-signature) over the body byte for byte; each signature is taken once', tags: ['sms'], body: Report, response: { 204: Type.Null(), ...problemResponses(401, 409) },
    } }, async (request, reply) => {
      const { id, state, to = null, error = null } = request.body;
      const signature = request.getDecorator<Buffer | null>('signature');
      if (!signature) throw new AppError('not_authenticated');
      await transaction(deps.pool, async (tx) => {
        // Together with the report: what could not be written down may come again.
        if (!(await insertSignature(tx, signature, deps.now()))) throw new AppError('already_received');
        await takeReportIn(deps, tx, 'http', { gatewayMessageId: id, recipient: to, isDelivered: state === 'delivered', error });
      });
      return reply.code(204).send(null);
    });
  });
}
