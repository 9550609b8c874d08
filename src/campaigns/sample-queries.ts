import { vault } from '../cases/identity/vault.ts';
import { normalizePhone } from '../cases/phone-number-rules.ts';
import { execute, query, queryAnew, type Db, type Tx } from '../db/query.ts';
import { listNumbersOfUnits } from '../units/queries.ts';
import type { Campaign, Quota } from './campaign.ts';
import type { Candidate } from './sampling-rules.ts';

/** Held until the sample is committed: of two campaigns that start at once the second knows whom the first asks. */
export async function lockDrawing(tx: Tx): Promise<void> {
  await execute(tx, 'select pg_advisory_xact_lock(12351)');
}

const cellColumns: Readonly<Record<Quota['by'], string>> = { district: 'k.district_code', type: 'k.type', category: 'k.category_code' };
const dayMs = 86_400_000;

type Asking = { readonly at: Date; readonly areaCode: string; readonly limit: number };

/**
 * Closed cases out of which a sample is drawn, `limit` at the most. Left out, by the keyed hash of the number: who refused a survey, who is asked or was
 * within the quiet days, who has a confidential case anywhere, and every number by which a unit is known. Mobiles and landlines only.
 */
export async function listCandidates(db: Db, { filter, quota, quietDays }: Pick<Campaign, 'filter' | 'quota' | 'quietDays'>, { at, areaCode, limit }: Asking): Promise<Candidate[]> {
  const ofUnits = (await listNumbersOfUnits(db)).flatMap((raw) => normalizePhone(raw, areaCode).number ?? []).flatMap((number) => vault().indexesOf(number));
  const cell = quota ? `coalesce(${cellColumns[quota.by]}, '')` : `''`;
  return queryAnew(db, `with recursive wanted (code) as (
      select unnest($5::text[]) union select c.code from case_categories c join wanted w on c.parent_code = w.code)
    select k.id as case_id, encode(i.phone_index, 'base64') as number, ${cell} as cell
    from cases k join case_identities i on i.case_id = k.id
    where k.closed_at >= $1 and k.closed_at < $2 and k.state in ('answered', 'closed', 'archived') and not k.is_confidential
      and i.phone_index is not null and i.phone_kind in ('mobile', 'landline')
      and ($3::text[] is null or k.type = any($3)) and ($4::text[] is null or k.district_code = any($4)) and ($5::text[] is null or k.category_code in (select code from wanted))
      and ($6::text[] is null or k.channel = any($6))
      and ($7::uuid[] is null or exists (select from case_units p join unit_ancestors a on a.unit_id = p.unit_id and a.ancestor_id = any($7) where p.case_id = k.id))
      and not exists (select from unnest($8::bytea[]) as u (phone_index) where u.phone_index = i.phone_index)
      and not exists (select from survey_refusals r where r.phone_index = i.phone_index)
      and not exists (select from case_identities o join cases x on x.id = o.case_id where o.phone_index = i.phone_index and x.is_confidential)
      and not exists (select from case_identities o join surveys s on s.case_id = o.case_id where o.phone_index = i.phone_index
        and (s.state in ('due', 'calling', 'by_sms', 'by_person') or exists (select from survey_tries t where t.survey_id = s.id and t.at >= $9)))
    limit $10`,
  [filter.closedFrom, filter.closedTo, filter.types, filter.districts, filter.categories, filter.channels, filter.unitIds, ofUnits, new Date(at.getTime() - quietDays * dayMs), limit]);
}

/** Everybody who was drawn, to be called from `nextTryAt` on, in the order of the draw. */
export async function insertDrawn(tx: Tx, { campaignId, at, nextTryAt }: { campaignId: string; at: Date; nextTryAt: Date }, drawn: readonly { readonly id: string; readonly caseId: string; readonly cell: string }[]): Promise<void> {
  await execute(tx, `insert into surveys (id, case_id, round, campaign_id, cell, state, next_try_at, created_at)
    select d.id, d.case_id, 0, $1, d.cell, 'due', $2, $3 from unnest($4::uuid[], $5::uuid[], $6::text[]) as d (id, case_id, cell)`,
  [campaignId, nextTryAt, at, drawn.map((one) => one.id), drawn.map((one) => one.caseId), drawn.map((one) => one.cell)]);
}

/** Codes and ids of the filter and the quota that do not exist, by their field. */
export async function listUnknown(db: Db, { filter, quota }: Pick<Campaign, 'filter' | 'quota'>): Promise<string[]> {
  const cells = Object.keys(quota?.cells ?? {}).filter((cell) => cell !== '');
  const [districts, categories] = [[...(filter.districts ?? []), ...(quota?.by === 'district' ? cells : [])], [...(filter.categories ?? []), ...(quota?.by === 'category' ? cells : [])]];
  return (await query<{ field: string }>(db, `select distinct field from (
      select 'districts' as field from unnest($1::text[]) as v (code) where not exists (select from districts d where d.code = v.code)
      union all select 'categories' from unnest($2::text[]) as v (code) where not exists (select from case_categories c where c.code = v.code)
      union all select 'unitIds' from unnest($3::uuid[]) as v (id) where not exists (select from units u where u.id = v.id)) missing order by field`, [districts, categories, filter.unitIds ?? []])).map((row) => row.field);
}
