import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { transaction } from '../../src/db/transaction.ts';
import { claimSms, expireSms, saveGivenUp, saveSent, saveTryLater, type Claim } from '../../src/sms/queries.ts';
import { isWaiting, leaseMs, nextSmsState, type SmsAction, type SmsState } from '../../src/sms/sms-machine.ts';
import { takeReport } from '../../src/sms/take-report.ts';
import { smsDesk } from '../support/sms-desk.ts';

/** What happens to a message; `from` says by which of the claims so far, the newest first, also by those that ran out. */
type Step = { readonly type: 'claim' | 'expire' | 'told_delivered' | 'told_failed' } | { readonly type: 'pass'; readonly ms: number } | { readonly type: 'hand_over' | 'give_up' | 'try_later'; readonly from: number };
const aliveMs = 6 * leaseMs;
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ type: 'claim' }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('hand_over' as const, 'give_up' as const, 'try_later' as const), from: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.constantFrom(1_000, leaseMs / 2, leaseMs, 3 * leaseMs) }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ type: 'expire' }, { type: 'told_delivered' }, { type: 'told_failed' }) },
);

let desk: Awaited<ReturnType<typeof smsDesk>>;
beforeAll(async () => { desk = await smsDesk(); });
afterAll(() => desk.close());

it('a text message, whatever happens to it in whatever order, is as the table says, sent by one at a time, and sealed as long as it waits', async () => {
  let walks = 0;
  const reached = new Set<SmsState>();
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
    desk.present();
    const { pool } = desk.db;
    const [messageId, id, bornAt] = [await desk.queued('任意', { aliveMs }), `walk-${(walks += 1)}`, desk.now().getTime()];
    const claims: Claim[] = [];
    /** The model: what it must be, until when a lease holds, and when it may be claimed. */
    let [state, dueAt] = ['queued' as SmsState, bornAt];
    const go = (action: SmsAction): void => { state = nextSmsState(state, action) ?? state; };
    for (const one of steps) {
      const now = desk.now();
      const isOver = now.getTime() >= bornAt + aliveMs;
      switch (one.type) {
        case 'pass': desk.pass(one.ms); break;
        case 'claim': {
          const claim = await claimSms(pool, messageId, now);
          const mayClaim = isWaiting(state) && dueAt <= now.getTime() && !isOver;
          expect(claim !== undefined).toBe(mayClaim);
          if (claim) {
            claims.unshift(claim);
            go('claim');
            dueAt = now.getTime() + leaseMs;
          }
          break;
        }
        case 'expire':
          await expireSms(pool, now);
          if (isOver && (state === 'queued' || dueAt <= now.getTime())) go('expire');
          break;
        case 'told_delivered': case 'told_failed':
          await takeReport(desk.deps(), 'http', { gatewayMessageId: id, recipient: null, isDelivered: one.type === 'told_delivered', error: null });
          go(one.type === 'told_delivered' ? 'report_delivered' : 'report_failed');
          break;
        case 'hand_over': case 'give_up': case 'try_later': {
          const claim = claims[one.from];
          if (!claim) break;
          const isHolder = state === 'sending' && one.from === 0;
          const again = new Date(now.getTime() + 15_000);
          if (one.type === 'hand_over') expect(await transaction(pool, (tx) => saveSent(tx, claim, { gateway: 'http', gatewayMessageId: id, at: now }))).toBe(isHolder);
          else if (one.type === 'give_up') await saveGivenUp(pool, claim, 'no');
          else await saveTryLater(pool, claim, { error: 'later', again, isCounted: true });
          if (isHolder) {
            go(one.type);
            dueAt = again.getTime();
          }
          break;
        }
      }
      const row = await desk.rowOf(messageId);
      expect([one.type, row.state, row.sealed !== null, row.recipientIndex !== null]).toEqual([one.type, state, isWaiting(state), true]);
      reached.add(state);
    }
    // Leases of two senders never overlap, but for those that were given back.
    for (const [index, claim] of claims.entries()) expect(claim.attempts).toBe(claims.length - index);
    await desk.clear();
  }), { numRuns: 150, examples: [[[{ type: 'pass', ms: aliveMs }, { type: 'expire' }]], [[{ type: 'claim' }, { type: 'hand_over', from: 0 }, { type: 'told_failed' }]], [[{ type: 'claim' }, { type: 'hand_over', from: 0 }, { type: 'told_delivered' }]]] });
  expect([...reached].sort()).toEqual(['delivered', 'expired', 'failed', 'queued', 'sending', 'sent']);
});
