import { createHash } from 'node:crypto';
import { Type, type Static } from 'typebox';
import { requireUser } from '../auth/authenticate.ts';
import { transaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { Version } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { findRecordingOf, insertRecording, type Recording } from '../prompts/queries.ts';
import { encodeWav, readWav, resampleTo8k } from '../prompts/wav-rules.ts';
import { awaitProvisioned } from './await-provisioned.ts';
import { lockAll, requireVersion, saveChange, viewRow, type Author, type Changed } from './change-configuration.ts';
import { promptKind as kind, promptPattern } from './kinds/prompt.ts';

/** A minute of stereo at 48 kHz, bytes, and some more for what else a file carries. */
const largestUpload = 12 << 20;
const tags = ['configuration'];
const params = Type.Object({ key: Type.String({ pattern: promptPattern }) });
const from = Type.Object({ version: Version }, { additionalProperties: false });
const url = '/api/configuration/prompts/:key/recording';
const PromptView = Type.Object({ key: Type.String(), ...kind.body.properties, ...kind.fixed, version: Type.Integer() });
const Answer = Type.Object({
  changeId: Type.Union([Type.Integer(), Type.Null()]), item: PromptView,
  isProvisioned: Type.Boolean({ description: 'true: the next caller hears it; false: as soon as the telephone system follows' }),
});
const Wav = { description: '8 kHz, mono, 16 bit', content: { 'audio/wav': { schema: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }) } } };

export function registerPromptRoutes(root: App, deps: Deps): void {
  // Apart from all other routes: none of them takes sound, nor has its validator look at every byte of it.
  void root.register(async (app: App) => {
    // Whatever calls itself sound is looked into, so that the answer can say what is wrong with it.
    app.addContentTypeParser(/^audio\//, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    registerRecordingRoutes(app, deps);
  });
}

function registerRecordingRoutes(app: App, deps: Deps): void {
  const answer = async ({ changeId, key, row }: Changed) => {
    if (!row) throw new Error('a prompt that is gone');
    return { changeId, item: viewRow(kind, key, row) as Static<typeof PromptView>, isProvisioned: changeId === null || await awaitProvisioned(deps.pool, changeId) };
  };
  app.get(url, {
    config: { permission: 'configuration.read' }, schema: { summary: 'The recording of a prompt, as callers hear it', tags, params, response: { 200: Wav, ...problemResponses(404) } },
  }, async (request, reply) => {
    const audio = await findRecordingOf(deps.pool, request.params.key);
    if (!audio) throw new AppError('not_found', { entity: 'recording', id: request.params.key });
    return reply.type('audio/wav').send(audio);
  });
  app.put(url, {
    config: { permission: 'configuration.manage' }, bodyLimit: largestUpload,
    schema: {
      summary: 'Upload a recording: body audio/wav, PCM of 16 bit, mono or stereo, 8 to 48 kHz, up to a minute',
      tags, params, querystring: from, response: { 200: Answer, ...problemResponses(404, 409, 422) },
    },
  }, async (request) => {
    const recording = readRecording(request.body);
    return answer(await setRecording(deps, { actor: requireUser(request), trace: request }, { key: request.params.key, version: request.query.version, recording }));
  });
  app.delete(url, {
    config: { permission: 'configuration.manage' },
    schema: { summary: 'Take the recording away: the spoken text is heard again', tags, params, querystring: from, response: { 200: Answer, ...problemResponses(404, 409, 422) } },
  }, async (request) =>
    answer(await setRecording(deps, { actor: requireUser(request), trace: request }, { key: request.params.key, version: request.query.version, recording: null })));
}

/** Brought to what Asterisk plays. @throws AppError that says what is wrong with the upload. */
function readRecording(body: unknown): Recording {
  const sound = Buffer.isBuffer(body) ? readWav(body) : 'is not sound; send the file itself with the header Content-Type: audio/wav';
  if (typeof sound === 'string') throw new AppError('audio_unusable', { errors: [{ path: 'body', message: sound }] });
  const samples = resampleTo8k(sound);
  const audio = encodeWav(samples);
  return { audio, sha256: createHash('sha256').update(audio).digest('hex'), ms: Math.max(1, Math.round(samples.length / 8)) };
}

async function setRecording(deps: Deps, author: Author, { key, version, recording }: { key: string; version: number; recording: Recording | null }): Promise<Changed> {
  return transaction(deps.pool, async (tx) => {
    const all = await lockAll(tx);
    const current = all.get(kind.name)?.get(key);
    if (!current) throw new AppError('not_found', { entity: kind.name, id: key });
    if (recording) await insertRecording(tx, recording, deps.now());
    const wanted = { kind, key, item: { ...current.item, recordingSha256: recording?.sha256 ?? null } };
    requireVersion(wanted, current, version);
    return saveChange(deps, tx, author, { ...wanted, all, undoes: null });
  });
}
