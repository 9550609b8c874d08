import { describe, expect, it } from 'vitest';
import { numberPrompts, positionPrompts } from '../../src/calls/waiting/position-rules.ts';

describe('the place in the queue, spoken', () => {
  it('says numbers as Mandarin does', () => {
    expect([10, 12, 20, 35, 100].map((value) => numberPrompts(value).join(' ')))
      .toEqual(['number-10', 'number-10 number-2', 'number-2 number-10', 'number-3 number-10 number-5', 'number-1 number-100']);
    expect(positionPrompts(1)).toEqual(['queue-position-next']);
  });
});
