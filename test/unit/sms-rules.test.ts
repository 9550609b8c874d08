import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSignature, signatureOf } from '../../src/sms/sign.ts';
import { forgettable, isTimely } from '../../src/sms/signature-rules.ts';
import { usualPace } from '../../src/sms/smpp-gateway.ts';
import { bodiesOf, isTemporary, isThrottled, mostParts, readReceipt, typeOfSender, validityOf } from '../../src/sms/smpp-rules.ts';
import { afterFault, isWaiting, leaseMs, mostAttempts, nextSmsState, smsStates, smsTransitions, tryMs, type Fault, type SmsAction, type SmsState } from '../../src/sms/sms-machine.ts';
import { faultOf, SmsRefused, SmsUnavailable } from '../../src/sms/sms.ts';

const actions = Object.keys(smsTransitions) as SmsAction[];
const anyAction = fc.constantFrom(...actions);
const now = new Date('2026-11-25T04:00:00Z');

describe('the life of a text message', () => {
  it('ends, and never leaves its end; what was given to a gateway is never sent again', () => {
    fc.assert(fc.property(fc.array(anyAction, { maxLength: 40 }), (walk) => {
      let state: SmsState = 'queued';
      let wasHandedOver = false;
      for (const action of walk) {
        const next = nextSmsState(state, action);
        if (next === null) continue;
        expect(['delivered', 'failed', 'expired']).not.toContain(state);
        state = next;
        wasHandedOver ||= state === 'sent';
        if (wasHandedOver) expect(isWaiting(state)).toBe(false);
      }
    }));
  });

  it('can be reached in each of its states, and out of each that waits its end can be', () => {
    const after = (from: SmsState, reached = new Set<SmsState>([from])): Set<SmsState> => {
      for (const next of actions.map((action) => nextSmsState(from, action))) if (next !== null && !reached.has(next)) after(next, reached.add(next));
      return reached;
    };
    expect([...after('queued')].sort()).toEqual([...smsStates].sort());
    for (const state of smsStates.filter(isWaiting)) expect([...after(state)]).toEqual(expect.arrayContaining(['delivered', 'failed', 'expired']));
    expect(smsStates.filter((state) => actions.every((action) => nextSmsState(state, action) === null))).toEqual(['delivered', 'failed', 'expired']);
  });

  it('is told as delivered or failed only of one that was sent, and is sent only by who claimed it', () => {
    for (const state of smsStates) {
      expect([state, nextSmsState(state, 'report_delivered') !== null, nextSmsState(state, 'hand_over') !== null]).toEqual([state, state === 'sent', state === 'sending']);
    }
  });

  it('counts tries that the gateway was asked in, waits longer after each, and gives up what no try helps', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom<Fault>('failed', 'unavailable', 'refused'), { maxLength: 60 }), (faults) => {
      let [attempts, last] = [0, 0];
      for (const [index, fault] of faults.entries()) {
        attempts += 1;
        const next = afterFault(fault, attempts, now);
        const before = faults.slice(0, index + 1).filter((one) => one === 'failed').length;
        expect(next.action).toBe(fault !== 'unavailable' && (fault === 'refused' || before >= mostAttempts) ? 'give_up' : 'try_later');
        if (next.action === 'give_up') return;
        expect(next.again > now).toBe(true);
        if (next.isCounted) {
          expect(next.again.getTime()).toBeGreaterThan(last);
          last = next.again.getTime();
        } else attempts -= 1;
      }
    }));
    expect([faultOf(new SmsRefused('')), faultOf(new SmsUnavailable('')), faultOf(new Error(''))]).toEqual(['refused', 'unavailable', 'failed']);
  });

  it('has a lease that outlasts each try, with its last answer', () => {
    expect(leaseMs).toBeGreaterThan(tryMs + usualPace.answerMs);
  });
});

describe('a signature', () => {
  it('holds for these very bytes only, whatever they are', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(199), (bytes, place) => {
      const body = Buffer.from(bytes);
      const given = signatureOf('key', '1764043200', body).toString('hex');
      expect(checkSignature('key', { timestamp: '1764043200', body, given: given.toUpperCase() })?.toString('hex')).toBe(given);
      const changed = Buffer.from(body);
      if (place < changed.length) changed[place] = (changed[place] ?? 0) ^ 1;
      const other = place < changed.length ? changed : Buffer.concat([changed, Buffer.from(' ')]);
      expect(checkSignature('key', { timestamp: '1764043200', body: other, given })).toBeNull();
      expect(checkSignature('key', { timestamp: '1764043201', body, given })).toBeNull();
      expect(checkSignature('other', { timestamp: '1764043200', body, given })).toBeNull();
    }));
    for (const given of ['', 'x'.repeat(64), '00', 'é'.repeat(64)]) expect(checkSignature('key', { timestamp: '1', body: Buffer.alloc(0), given })).toBeNull();
  });

  it('is of now, give or take five minutes, and is remembered as long as it could come again', () => {
    const sec = now.getTime() / 1000;
    expect([sec - 301, sec - 300, sec + 300, sec + 301].map((at) => isTimely(String(at), now))).toEqual([false, true, true, false]);
    for (const text of ['', 'now', `${sec}.5`, ` ${sec}`, `-${sec}`, '1e9']) expect(isTimely(text, now)).toBe(false);
    fc.assert(fc.property(fc.integer({ min: -300, max: 300 }), fc.nat(3_600), (offSec, laterSec) => {
      const later = new Date(now.getTime() + laterSec * 1_000);
      if (forgettable(later) > now) expect(isTimely(String(sec + offSec), later)).toBe(false);
    }));
  });
});

describe('a text by SMPP', () => {
  it('is cut where a phone puts it together again, and never within a character; or goes whole', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
      const [parts, whole] = [bodiesOf(text, 'parts', 7), bodiesOf(text, 'payload', 7)];
      const octets = parts?.map(({ short_message: said }) => Buffer.from(said)) ?? [];
      const read = (body: Buffer) => Buffer.from(body).swap16().toString('utf16le');
      const cut = octets.map((part) => (octets.length === 1 ? part : part.subarray(6)));
      expect(read(Buffer.concat(cut))).toBe(text);
      for (const part of octets) expect(part.length).toBeLessThanOrEqual(140);
      for (const part of cut) expect(read(part)).not.toMatch(/\p{Surrogate}/u);
      expect(whole).toHaveLength(1);
      expect(read(Buffer.from(whole?.[0]?.message_payload ?? whole?.[0]?.short_message ?? ''))).toBe(text);
    }));
    expect(bodiesOf('字'.repeat(67 * mostParts), 'parts', 300)?.map(({ short_message: said }) => [...Buffer.from(said).subarray(0, 6)])).toEqual(Array.from({ length: mostParts }, (_, index) => [5, 0, 3, 44, mostParts, index + 1]));
    for (const form of ['parts', 'payload'] as const) expect(bodiesOf('字'.repeat(67 * mostParts + 1), form, 1)).toBeNull();
  });

  it('says until when it is worth something, and from whom it is', () => {
    expect(validityOf(new Date('2026-11-25T12:34:56.789Z'))).toBe('261125123456000+');
    expect([typeOfSender('12345'), typeOfSender('City')]).toEqual([{ source_addr_ton: 0, source_addr_npi: 0 }, { source_addr_ton: 5, source_addr_npi: 0 }]);
  });

  it('has receipts that are read by their fields, else by their text, and only final ones', () => {
    expect(readReceipt({ text: 'id:abc1 sub:001 dlvrd:001 submit date:2611251200 done date:2611251201 stat:DELIVRD err:000 text:x', from: '8613800047001' })).toEqual({ gatewayMessageId: 'abc1', recipient: '13800047001', isDelivered: true, error: null });
    expect(readReceipt({ text: 'id:abc1 stat:UNDELIV err:011', from: '' })).toEqual({ gatewayMessageId: 'abc1', recipient: null, isDelivered: false, error: 'UNDELIV 011' });
    expect(readReceipt({ text: '', messageId: 'z', state: 2 })).toMatchObject({ isDelivered: true });
    expect(readReceipt({ text: 'id:abc1 stat:ENROUTE err:000' })).toBeNull();
    expect([0x08, 0x14, 0x58, 0x0b].map((status) => [isTemporary(status), isThrottled(status)])).toEqual([[true, false], [false, true], [false, true], [false, false]]);
  });
});
