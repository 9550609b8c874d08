import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { AppError, problems, type ProblemCode } from '../errors.ts';

/** Source: RFC 9457. `code` is stable; `detail` says what to do next. */
export const Problem = Type.Object({
  type: Type.String(), title: Type.String(), status: Type.Integer(), code: Type.String(), detail: Type.String(), requestId: Type.String(),
}, { additionalProperties: true, title: 'Problem' });

/** The refusals a route may answer with. */
export function problemResponses(...statuses: (400 | 401 | 403 | 404 | 409 | 422 | 429 | 503)[]): Record<number, typeof Problem> {
  return Object.fromEntries([400, 401, 403, 429, 500, ...statuses].map((status) => [status, Problem]));
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, code: ProblemCode, details: Readonly<Record<string, unknown>> = {}): FastifyReply {
  const [status, title, detail] = problems[code];
  return reply.code(status).type('application/problem+json').send(
    { type: `urn:hotline12345:problem:${code}`, title, status, code, detail, requestId: request.id, ...details });
}

export function onError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof AppError) return sendProblem(request, reply, error.code, error.details);
  if (error.validation) {
    return sendProblem(request, reply, 'bad_request', { errors: error.validation.map((one) => ({ path: `${error.validationContext ?? ''}${one.instancePath}`, message: one.message })) });
  }
  if (error.statusCode === 429) return sendProblem(request, reply, 'too_many_requests');
  if (error.statusCode && error.statusCode < 500) return sendProblem(request, reply, 'bad_request', { errors: [{ path: '', message: error.message }] });
  const isDatabaseAway = /^(ECONNREFUSED|ECONNRESET|57P0\d|08\d{3})$/.test(error.code) || /timeout exceeded when trying to connect|Connection terminated/.test(error.message);
  request.log.error({ err: error, requestId: request.id }, isDatabaseAway ? 'The database cannot be reached' : 'A request failed unexpectedly');
  return sendProblem(request, reply, isDatabaseAway ? 'unavailable' : 'internal');
}
