import { query, type Db } from '../db/query.ts';
import type { Rate } from './rate.ts';

/**
 * How an urgent case was handled: `in_time` and `late` by the first result that was handed in and the deadline of then; `missed` when none was
 * and the deadline is over; `open` when it is not over yet.
 */
export type UrgentCase = {
  readonly id: string; readonly number: string; readonly urgency: string; readonly leadUnitId: string | null; readonly dispatchedAt: Date; readonly signedAt: Date | null;
  readonly dueAt: Date; readonly handedInAt: Date | null; readonly verdict: 'in_time' | 'late' | 'missed' | 'open'; readonly isSignedLate: boolean;
};

/** Urgent cases by when they were dispatched first, from `from` until before `to`; those merged into another are handled with that. */
export async function listUrgent(db: Db, { from, to, now }: { readonly from: Date; readonly to: Date; readonly now: Date }): Promise<UrgentCase[]> {
  return query(db, `select k.id, k.number, k.urgency, k.lead_unit_id, k.dispatched_at, s.signed_at, coalesce(f.due_at, k.due_at) as due_at, f.at as handed_in_at,
      case when f.at is not null then case when f.at <= f.due_at then 'in_time' else 'late' end when k.due_at < $3 then 'missed' else 'open' end as verdict,
      exists (select from case_units u where u.case_id = k.id and u.role = 'lead' and least(coalesce(u.signed_at, u.ended_at, $3), $3) > u.sign_due_at) as is_signed_late
    from cases k
    left join lateral (select at, due_at from case_feedbacks where case_id = k.id order by at limit 1) f on true
    left join lateral (select min(signed_at) as signed_at from case_units where case_id = k.id) s on true
    where k.urgency <> 'normal' and k.dispatched_at >= $1 and k.dispatched_at < $2 and k.merged_into_id is null order by k.dispatched_at, k.id`, [from, to, now]);
}

/** Rule 6 and 7: 漏办 and 延办 with what they are part of; the four verdicts add up to all. */
export function countVerdicts(cases: readonly Pick<UrgentCase, 'verdict' | 'isSignedLate'>[]): Readonly<Record<'inTime' | 'late' | 'missed' | 'open' | 'signedLate', Rate>> {
  const rate = (test: (one: Pick<UrgentCase, 'verdict' | 'isSignedLate'>) => boolean): Rate => ({ count: cases.filter(test).length, of: cases.length });
  return {
    inTime: rate((one) => one.verdict === 'in_time'), late: rate((one) => one.verdict === 'late'), missed: rate((one) => one.verdict === 'missed'), open: rate((one) => one.verdict === 'open'),
    signedLate: rate((one) => one.isSignedLate),
  };
}
