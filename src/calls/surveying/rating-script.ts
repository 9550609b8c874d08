import type { Script } from '../../ivr/script.ts';

/** What a mark means, by its key. */
const marks = { 1: 'satisfied', 2: 'basically_satisfied', 3: 'dissatisfied' } as const;

/** One digit about the operator, of a citizen who is still on the line when the operator hangs up or passes the call on. */
export const ratingScript: Script = {
  purpose: 'rating', opening: null, closing: ['rating-thanks'], refused: ['goodbye'], personQueueId: null, personPriority: 0,
  questions: [{ code: 'operator', kind: 'scale', prompts: ['rating-ask'], keys: marks }],
};
