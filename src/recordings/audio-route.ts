import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import { Type } from 'typebox';
import { audit } from '../auth/audit.ts';
import { requireUser } from '../auth/authenticate.ts';
import { AppError } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { Id } from '../http/paging.ts';
import { onError, problemResponses } from '../http/problem.ts';
import { findAudible, noteListening } from './listen-to-recording.ts';
import { wantedRange } from './range-rules.ts';
import { localStore } from '../files/file-store.ts';

const params = Type.Object({ callId: Id });
export const listenQuery = Type.Object({
  reason: Type.Optional(Type.String({ minLength: 5, maxLength: 500, pattern: '\\S{2}', description: 'Why somebody listens; must be given for a confidential case' })),
}, { additionalProperties: false });
const audio = (status: 200 | 206) => ({ description: STATUS_CODES[status], content: { 'audio/wav': { schema: Type.Any() } } });

/** The sound itself, whole or in part (RFC 9110 §14), to who may hear it; each listening is written down, and each refusal. */
export function registerAudioRoute(app: App, deps: Deps): void {
  app.get('/api/recordings/:callId/audio', {
    config: { permission: 'recording.listen_own' },
    errorHandler: (error, request, reply) => {
      void noteRefusal(deps, error, request, 'callId').then(() => onError(error, request, reply), (failed: FastifyError) => onError(failed, request, reply));
    },
    schema: {
      summary: 'Listen to a recording: WAV, the citizen left, everybody else right',
      tags: ['recordings'], params, querystring: listenQuery, response: { 200: audio(200), 206: audio(206), ...problemResponses(404, 416, 422) },
    },
  }, async (request, reply) => {
    const { callId } = request.params;
    const { reason } = request.query;
    const actor = requireUser(request);
    const row = await findAudible(deps, callId, actor, reason);
    const etag = `"${row.sha256.toString('hex')}"`;
    const wanted = wantedRange({ range: request.headers.range, ifRange: one(request.headers['if-range']) }, etag, row.bytes);
    void reply.headers({ 'accept-ranges': 'bytes', etag, 'content-disposition': `inline; filename="${callId}.wav"` });
    if (wanted === 'none') {
      void reply.header('content-range', `bytes */${row.bytes}`);
      throw new AppError('range_not_satisfiable', { bytes: row.bytes });
    }
    const store = localStore(deps.config.HOTLINE_RECORDINGS_DIR);
    if (!(await store.find(row.path))) throw new AppError('recording_not_there', { callId, reason: 'missing' });
    const { start, end } = wanted === 'all' ? { start: 0, end: row.bytes - 1 } : wanted;
    void reply.type('audio/wav').header('content-length', end - start + 1);
    if (wanted !== 'all') void reply.code(206).header('content-range', `bytes ${start}-${end}/${row.bytes}`);
    // HEAD tells how long it is, and nobody has heard anything.
    if (request.method === 'HEAD') return sendEmpty(reply);
    await noteListening(deps, callId, actor, request, reason);
    return reply.send(store.read(row.path, { start, end }));
  });
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}

/** With the length of what GET would send. */
function sendEmpty(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.writeHead(reply.statusCode, reply.getHeaders() as Record<string, string>);
  reply.raw.end();
  return reply;
}

/** Whom a recording was refused; `param` is what of the address names it. */
export async function noteRefusal(deps: Deps, error: Error, request: FastifyRequest, param: 'callId' | 'answerId'): Promise<void> {
  if (!(error instanceof AppError) || error.code !== 'forbidden' || !request.actor) return;
  const id = (request.params as Record<string, string>)[param];
  await audit(deps.pool, request.actor, request, { action: 'recording.refused', entity: param === 'callId' ? 'call' : 'survey_answer', entityId: String(id).slice(0, 64), details: { permission: error.details['permission'] } });
}
