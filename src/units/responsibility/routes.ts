import { Type } from 'typebox';
import { audit } from '../../auth/audit.ts';
import { requireUser } from '../../auth/authenticate.ts';
import { transaction } from '../../db/transaction.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../../http/app-type.ts';
import { Id, NullableString, NullableTime, Page, Time, iso, pageOf, pageQuery, readCursor } from '../../http/paging.ts';
import { problemResponses } from '../../http/problem.ts';
import { findDraftVersion, findUnknown, findVersion, insertVersion, listRulesOf, listVersions, publishVersion, replaceRules, type RuleVersion } from './queries.ts';

const tags = ['units'];
const Code = Type.Union([Type.String({ maxLength: 64 }), Type.Null()], { default: null });
const Rule = Type.Object({ categoryCode: Code, districtCode: Code, unitId: Id, basis: Type.String({ maxLength: 500, default: '', description: 'The law or list that says so' }) }, { additionalProperties: false });
const Draft = Type.Object({ note: Type.String({ maxLength: 500, default: '' }), rules: Type.Array(Rule, { maxItems: 20_000 }) }, { additionalProperties: false });
const VersionFields = { id: Type.Integer(), createdAt: Time, createdBy: NullableString, note: Type.String(), publishedAt: NullableTime, publishedBy: NullableString, ruleCount: Type.Integer() };
const VersionView = Type.Object(VersionFields);
const VersionDetail = Type.Object({ ...VersionFields, rules: Type.Array(Rule) });
const params = Type.Object({ versionId: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) });
/** A list of rules for a large city. */
const largestDraft = 4 << 20;

/** Responsibility rules, in versions: the draft is edited as a whole, then published; what was published stays as it was. */
export function registerResponsibilityRoutes(app: App, { pool, now }: Deps): void {
  app.get('/api/responsibility-versions', { config: { permission: 'unit.read' }, schema: { summary: 'Versions of the responsibility rules, newest first', tags, querystring: Type.Object(pageQuery, { additionalProperties: false }), response: { 200: Page(VersionView), ...problemResponses() } } }, async (request) => {
    const { cursor, limit } = request.query;
    return pageOf(await listVersions(pool, Number(readCursor(cursor, /^\d{1,9}$/) ?? 2_147_483_647), limit + 1), limit, (one) => String(one.id), view);
  });

  app.get('/api/responsibility-versions/:versionId', { config: { permission: 'unit.read' }, schema: { summary: 'The rules of a version', tags, params, response: { 200: VersionDetail, ...problemResponses(404) } } }, async (request) => {
    const { versionId } = request.params;
    const version = await findVersion(pool, versionId);
    if (!version) throw new AppError('not_found', { entity: 'responsibility version', id: versionId });
    return { ...view(version), rules: await listRulesOf(pool, versionId) };
  });

  app.put('/api/responsibility-versions/draft', { config: { permission: 'unit.manage' }, bodyLimit: largestDraft, schema: { summary: 'Write the draft: all rules of the next version', tags, body: Draft, response: { 200: VersionView, ...problemResponses(422) } } }, async (request) => {
    const { rules, note } = request.body;
    const seen = new Set<string>();
    for (const [index, rule] of rules.entries()) {
      const key = `${rule.categoryCode ?? ''}/${rule.districtCode ?? ''}`;
      if (seen.has(key)) throw new AppError('already_exists', { field: `rules/${index}` });
      seen.add(key);
    }
    const unknown = await findUnknown(pool, rules);
    if (Object.values(unknown).some((codes) => codes.length > 0)) throw new AppError('reference_unknown', { field: 'rules', unknown });
    const actor = requireUser(request);
    return view(await transaction(pool, async (tx) => {
      await tx.query('select pg_advisory_xact_lock(12349)');
      const draft = await findDraftVersion(tx);
      const versionId = draft?.id ?? await insertVersion(tx, { at: now(), userId: actor.userId, note });
      await replaceRules(tx, versionId, rules, note);
      await audit(tx, actor, request, { action: 'responsibility.drafted', entity: 'responsibility', entityId: String(versionId), details: { rules: rules.length } });
      return required(await findVersion(tx, versionId));
    }));
  });

  app.post('/api/responsibility-versions/draft/publish', { config: { permission: 'unit.manage' }, schema: { summary: 'The draft counts from now on', tags, response: { 200: VersionView, ...problemResponses(409) } } }, async (request) => {
    const actor = requireUser(request);
    return view(await transaction(pool, async (tx) => {
      await tx.query('select pg_advisory_xact_lock(12349)');
      const draft = await findDraftVersion(tx);
      if (!draft) throw new AppError('nothing_to_decide', { kind: 'responsibility draft' });
      await publishVersion(tx, draft.id, { at: now(), userId: actor.userId });
      await audit(tx, actor, request, { action: 'responsibility.published', entity: 'responsibility', entityId: String(draft.id) });
      return required(await findVersion(tx, draft.id));
    }));
  });
}

function view(one: RuleVersion) {
  return { ...one, createdAt: one.createdAt.toISOString(), publishedAt: iso(one.publishedAt) };
}

function required(version: RuleVersion | undefined): RuleVersion {
  if (!version) throw new Error('a version that is gone');
  return version;
}
