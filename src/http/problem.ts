import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Type } from 'typebox';
import { AppError, problems, type ProblemCode } from '../errors.ts';

/** Source: RFC 9457. `code` is stable; `detail` says what to do next. */
export const Problem = Type.Object({
  type: Type.String(), title: Type.String(), status: Type.Integer(), code: Type.String(), detail: Type.String(), requestId: Type.String(),
}, { additionalProperties: true, title: 'Problem' });

type Status = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 416 | 422 | 426 | 429 | 500 | 503;

/** The refusals a route may answer with. */
export function problemResponses(...statuses: Status[]): Record<number, object> {
  const content = { 'application/problem+json': { schema: Problem } };
  return Object.fromEntries(([400, 401, 403, 413, 415, 429, 500, 503, ...statuses] as const)
    .map((status) => [status, { description: STATUS_CODES[status], content }]));
}

export function sendProblem(
  request: FastifyRequest, reply: FastifyReply, code: ProblemCode, details: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  const [status, title, detail] = problems[code];
  const { retryAt } = details;
  if (typeof retryAt === 'string') void reply.header('retry-after', new Date(retryAt).toUTCString());
  return reply.code(status).type('application/problem+json')
    .send({ type: `urn:hotline12345:problem:${code}`, title, status, code, detail, requestId: request.id, ...details });
}

/** More faults of one request help nobody, and make answers of any size out of small requests. */
const mostErrors = 20;

export function onError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof AppError) return sendProblem(request, reply, error.code, error.details);
  if (error.validation) {
    const errors = error.validation.slice(0, mostErrors).map((one) => ({ path: `${error.validationContext ?? ''}${one.instancePath}`, message: one.message }));
    return sendProblem(request, reply, 'bad_request', { errors });
  }
  const code = problemOf(error);
  if (code === 'internal' || code === 'unavailable') {
    // That the database cannot be reached is said once, by who watches it.
    request.log[isUnreachable(error) ? 'debug' : 'error']({ err: error, requestId: request.id }, 'A request failed unexpectedly');
    return sendProblem(request, reply, code);
  }
  if (code !== 'bad_request') return sendProblem(request, reply, code);
  const message = isUnstorable(error) ? 'a value cannot be stored' : error.message;
  return sendProblem(request, reply, code, { errors: [{ path: '', message }] });
}

/** The HTTP parser's refusals, before there is a request. */
export function onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, title, detail] = problems.bad_request;
  const errors = [{ path: '', message: 'is not HTTP, or its header is too large' }];
  const body = JSON.stringify({ type: 'urn:hotline12345:problem:bad_request', title, status, code: 'bad_request', detail, errors });
  const head = [`HTTP/1.1 ${status} Bad Request`, 'Content-Type: application/problem+json', `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close'];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function problemOf(error: FastifyError): ProblemCode {
  if (error.statusCode === 429) return 'too_many_requests';
  if (error.statusCode === 413) return 'body_too_large';
  if (error.statusCode === 415) return 'body_not_json';
  if (error.statusCode && error.statusCode < 500) return 'bad_request';
  if (isUnstorable(error)) return 'bad_request';
  return isDatabaseAway(error) ? 'unavailable' : 'internal';
}

/** PostgreSQL's class 22: a value it has no form for. The schemas catch these; one that slipped through is still the sender's. */
function isUnstorable(error: FastifyError): boolean {
  return /^22[0-9A-Z]{3}$/.test(error.code);
}

/** Not reached, out of connections or time, or two transactions in each other's way: worth another try. */
function isDatabaseAway(error: FastifyError): boolean {
  return isUnreachable(error) || /^(57014|53\d{3}|40001|40P01)$/.test(error.code);
}

/** Nobody listens, it is shutting down, or it says nothing. */
function isUnreachable(error: FastifyError): boolean {
  return /^(ECONNREFUSED|ECONNRESET|57P0\d|08\d{3})$/.test(error.code)
    || /timeout exceeded when trying to connect|Connection terminated|Query read timeout|has encountered a connection error/.test(error.message);
}
