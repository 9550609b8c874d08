import { Type } from 'typebox';
import { requireUser } from '../../auth/authenticate.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../../http/app-type.ts';
import { Id, Instant, Time } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { findConference, holdConference } from './hold-conference.ts';

const Held = Type.Object({
  caseIds: Type.Array(Id, { minItems: 1, maxItems: 500, uniqueItems: true }), leadUnitId: Id, helperUnitIds: Type.Array(Id, { maxItems: 50, uniqueItems: true, default: [] }), dueAt: Instant,
  minutes: Type.String({ minLength: 2, maxLength: 20_000, pattern: '\\S' }), participants: Type.String({ maxLength: 2_000, default: '', description: 'Who was there' }),
}, { additionalProperties: false });
const View = Type.Object({
  id: Id, heldAt: Time, userId: Id, minutes: Type.String(), participants: Type.String(), leadUnitId: Id, dueAt: Time, cases: Type.Array(Type.Object({ id: Id, number: Type.String(), state: Type.String() })),
});

export function registerConferenceRoutes(app: App, deps: Deps): void {
  app.post('/api/conferences', { config: { permission: 'case.decide' }, schema: {
    summary: 'Joint conference (联席会议): owner and deadline of many cases in one act, all or none', tags: ['cases'], body: Held, response: { 201: Type.Object({ id: Id }), ...problemResponses(409, 422) },
  } }, async (request, reply) => {
    const { dueAt, ...decided } = request.body;
    return reply.code(201).send({ id: await holdConference(deps, requireUser(request).userId, { ...decided, dueAt: new Date(dueAt) }) });
  });

  app.get('/api/conferences/:conferenceId', { config: { permission: 'case.decide' }, schema: {
    summary: 'A joint conference, and what became of its cases', tags: ['cases'], params: Type.Object({ conferenceId: Id }), response: { 200: View, ...problemResponses(404) },
  } }, async (request) => {
    const { conferenceId } = request.params;
    const found = await findConference(deps.pool, conferenceId);
    if (!found) throw new AppError('not_found', { entity: 'conference', id: conferenceId });
    return { ...found, heldAt: found.heldAt.toISOString(), dueAt: found.dueAt.toISOString(), cases: [...found.cases] };
  });
}
