import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainStart, followChain, linkHash } from '../../src/hash-chain.ts';
import { deletionFields, type ChainedDeletion, type Deletion } from '../../src/recordings/deletion-chain.ts';
import { lackingPermission, ownListenDays } from '../../src/recordings/listen-rules.ts';
import { wantedRange, type Wanted } from '../../src/recordings/range-rules.ts';
import { follow, layOut, type Progress, type Silence } from '../../src/recordings/silence-rules.ts';
import { encodeALaw, encodeStereo, rawBytes, rawDurationMs, withSilences } from '../../src/recordings/stereo-wav.ts';
import { decodeALaw } from '../support/heard.ts';

describe('a range of a file', () => {
  const file = fc.uint8Array({ minLength: 1, maxLength: 300 });
  const etag = '"a"';
  const expectSame = (wanted: Wanted, bytes: Uint8Array, slice: Uint8Array): void => {
    expect(wanted === 'none').toBe(slice.length === 0);
    if (typeof wanted === 'object') expect([wanted.end - wanted.start + 1, bytes.slice(wanted.start, wanted.end + 1)]).toEqual([slice.length, slice]);
    else expect(wanted).toBe('none');
  };

  it('is what a slice of the bytes would be', () => {
    fc.assert(fc.property(file, fc.nat(400), fc.option(fc.nat(400)), (bytes, first, last) => {
      const wanted = wantedRange({ range: `bytes=${first}-${last ?? ''}` }, etag, bytes.length);
      const slice = bytes.slice(first, last === null ? undefined : last + 1);
      if (last !== null && last < first) expect(wanted).toBe('all');
      else expectSame(wanted, bytes, slice);
    }));
    fc.assert(fc.property(file, fc.nat(400), (bytes, length) => {
      const wanted = wantedRange({ range: `bytes=-${length}` }, etag, bytes.length);
      expectSame(wanted, bytes, length === 0 ? bytes.slice(0, 0) : bytes.slice(-length));
    }));
  });

  it.each(['bytes=-', 'bytes=0-1,3-4', 'lines=0-1', 'bytes=a-b', 'bytes 0-1', '', 'bytes=--1', 'bytes=99999999999999999999-'])('counts as not asked for: %s', (range) => {
    expect(wantedRange({ range }, etag, 10)).toBe('all');
  });

  it('is given only of the file the reader has a part of', () => {
    const part = { start: 0, end: 1 };
    expect(wantedRange({ range: 'bytes=0-1', ifRange: etag }, etag, 10)).toEqual(part);
    for (const ifRange of ['"b"', 'W/"a"', 'Tue, 24 Nov 2026 00:00:00 GMT']) expect(wantedRange({ range: 'bytes=0-1', ifRange }, etag, 10)).toBe('all');
  });
});

describe('a stereo recording', () => {
  it('loses nothing of what came as A-law, and little of anything else', () => {
    for (let code = 0; code < 256; code += 1) expect(encodeALaw(decodeALaw(code))).toBe(code);
    fc.assert(fc.property(fc.integer({ min: -32_768, max: 32_767 }), (sample) => {
      expect(Math.abs(decodeALaw(encodeALaw(sample)) - sample)).toBeLessThanOrEqual(Math.max(16, Math.abs(sample) / 16));
    }));
  });

  it('has a header that fits, and each sample in its place, however the raw file comes in pieces', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), async (bytes, sizes) => {
      const raw = Buffer.from(bytes);
      const pieces = async function* () {
        for (let at = 0, turn = 0; at < raw.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          yield raw.subarray(at, at + size);
          at += size;
        }
      };
      const out = [];
      for await (const chunk of encodeStereo(pieces(), raw.length)) out.push(chunk);
      const wav = Buffer.concat(out);
      const frames = Math.floor(raw.length / 4);
      expect([wav.length, wav.readUInt32LE(4), wav.readUInt32LE(46), wav.readUInt32LE(54)]).toEqual([58 + frames * 2, 50 + frames * 2, frames, frames * 2]);
      expect([...wav.subarray(58)]).toEqual(Array.from({ length: frames * 2 }, (_, at) => encodeALaw(raw.readInt16LE(at * 2))));
    }));
    expect(rawDurationMs(32_000 * 3)).toBe(3_000);
  });
});

describe('a recording whose phones sent nothing for a while', () => {
  const ms = (max: number) => fc.integer({ min: 0, max });

  it('gets silence in its place, nothing lost, however the raw file comes in pieces', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ atMs: ms(400), forMs: fc.integer({ min: 1, max: 1_500 }) }), { maxLength: 4 }), ms(300), fc.integer({ min: 1, max: 5_000 }), async (silences, lengthMs, size) => {
      const raw = Buffer.from(Array.from({ length: rawBytes(lengthMs) }, (_, at) => 1 + (at % 255)));
      const pieces = async function* () {
        for (let at = 0; at < raw.length; at += size) yield raw.subarray(at, at + size);
      };
      const out = [];
      for await (const chunk of withSilences(pieces(), silences)) out.push(chunk);
      let wanted = Buffer.from(raw);
      for (const { atMs, forMs } of [...silences].sort((one, other) => other.atMs - one.atMs)) {
        const at = Math.min(rawBytes(atMs), raw.length);
        wanted = Buffer.concat([wanted.subarray(0, at), Buffer.alloc(rawBytes(forMs)), wanted.subarray(at)]);
      }
      expect(Buffer.concat(out).equals(wanted)).toBe(true);
    }), { numRuns: 50 });
  });

  it('is as long as it should be, within what Asterisk takes to begin and end', () => {
    fc.assert(fc.property(fc.array(fc.record({ atMs: ms(90_000), forMs: fc.integer({ min: 1, max: 60_000 }) })), ms(90_000), ms(200_000), (seen, writtenMs, lengthMs) => {
      const placed = layOut(seen, writtenMs, lengthMs);
      const total = writtenMs + placed.reduce((sum, { forMs }) => sum + forMs, 0);
      expect(total === lengthMs || (placed.length === 0 && lengthMs - writtenMs < 300)).toBe(true);
      expect(placed.every(({ atMs }) => atMs <= writtenMs)).toBe(true);
    }));
  });

  it('has what was said within three seconds of its time, looked at every two, with the second that Asterisk holds back', () => {
    const part = fc.record({ saidMs: fc.integer({ min: 3_000, max: 20_000 }), silentMs: fc.integer({ min: 4_000, max: 60_000 }) });
    fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), ms(1_999), (parts, firstLook) => {
      const spans = parts.map((_, index) => {
        const from = parts.slice(0, index).reduce((sum, one) => sum + one.saidMs + one.silentMs, 0);
        return { from, to: from + (parts[index]?.saidMs ?? 0) };
      });
      const lengthMs = parts.reduce((sum, one) => sum + one.saidMs + one.silentMs, 0);
      const saidBy = (at: number) => spans.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(at, to) - from), 0);
      const seen: Silence[] = [];
      let progress: Progress = { writtenMs: 0, silentMs: 0 };
      for (let at = firstLook; at < lengthMs; at += 2_000) {
        const found = follow(progress, { elapsedMs: at, writtenMs: Math.floor(saidBy(at) / 1_024) * 1_024 });
        progress = found.progress;
        if (found.silence) seen.push(found.silence);
      }
      const placed = layOut(seen, saidBy(lengthMs), lengthMs);
      for (const { from, to } of spans) {
        const middle = saidBy((from + to) / 2);
        const stands = middle + placed.filter(({ atMs }) => atMs <= middle).reduce((sum, { forMs }) => sum + forMs, 0);
        expect(Math.abs(stands - (from + to) / 2)).toBeLessThan(3_000);
      }
    }));
  });
});

describe('who may hear a recording', () => {
  const now = new Date('2026-11-24T12:00:00Z');
  const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
  const lacks = (permissions: string[], tookPart: boolean, days: number, isConfidential = false) =>
    lackingPermission({ permissions: new Set(permissions), tookPart }, { startedAt: daysAgo(days), isConfidential }, now);

  it('whoever listens to all, and an operator to the own calls for a time', () => {
    expect([lacks(['recording.listen'], false, 999), lacks([], true, ownListenDays), lacks([], true, ownListenDays + 1), lacks([], false, 0)])
      .toEqual([null, null, 'recording.listen', 'recording.listen']);
  });

  it('nobody hears who reported without the right to know who it was', () => {
    expect([lacks(['recording.listen'], false, 0, true), lacks([], true, 0, true), lacks(['recording.listen', 'identity.read'], false, 0, true)])
      .toEqual(['identity.read', 'identity.read', null]);
  });
});

describe('the chain of deletions', () => {
  const deletion = fc.record<Deletion>({ callId: fc.uuid(), deletedAt: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9000-01-01') }), deletedBy: fc.option(fc.uuid()), reason: fc.string(),
    bytes: fc.nat(), sha256: fc.constant(randomBytes(32)) });
  const chain = (rows: readonly Deletion[]): ChainedDeletion[] => {
    let previousHash: Buffer = chainStart;
    return rows.map((row) => {
      const linked = { ...row, previousHash, hash: linkHash(previousHash, deletionFields(row)) };
      previousHash = linked.hash;
      return linked;
    });
  };

  it('is whole as it was made, and not when a row is changed, left out, doubled or put elsewhere', () => {
    fc.assert(fc.property(fc.array(deletion, { minLength: 3, maxLength: 8 }), fc.nat(), (rows, pick) => {
      const whole = chain(rows);
      expect(followChain(chainStart, whole, deletionFields)).toEqual({ last: whole.at(-1)?.hash });
      const at = pick % (whole.length - 1); // the last one cut off is found by the recordings' own rows
      const row = whole[at];
      if (!row) throw new Error('no row');
      const spoilt = [whole.toSpliced(at, 1), whole.toSpliced(at, 1, { ...row, bytes: row.bytes + 1 }), whole.toSpliced(at, 1, { ...row, previousHash: randomBytes(32) }), whole.toSpliced(at, 1, { ...row, deletedBy: `${row.deletedBy ?? ''}x` }),
        whole.toSpliced(at, 0, row), whole.toReversed()];
      for (const rowsNow of spoilt) expect(followChain(chainStart, rowsNow, deletionFields)).toHaveProperty('broken');
    }));
  });
});
