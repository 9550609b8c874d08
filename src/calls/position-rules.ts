/** Prompts that tell a caller the place in the queue; `position` counts from 1. Spoken for 1 to 109, then "more than 100". */
export function positionPrompts(position: number): string[] {
  if (position <= 1) return ['queue-position-next'];
  return ['queue-position-before', ...numberPrompts(Math.min(position - 1, 100)), 'queue-position-after'];
}

/** Below this the wait is not worth a sentence, seconds; 2 minutes. */
const shortWaitSec = 120;
const longestToldMin = 100;

/** Prompts that tell how long it will take, in whole minutes, from 2 on; nothing for less. Above 100 they say 100. */
export function waitPrompts(waitSec: number): string[] {
  if (waitSec < shortWaitSec) return [];
  return ['queue-wait-before', ...numberPrompts(Math.min(Math.ceil(waitSec / 60), longestToldMin)), 'queue-wait-after'];
}

/** Mandarin for 0 to 100 out of the prompts number-0 to number-10 and number-100: 12 十二, 20 二十, 100 一百. */
export function numberPrompts(value: number): string[] {
  if (value <= 10) return [`number-${value}`];
  if (value === 100) return ['number-1', 'number-100'];
  const tens = Math.floor(value / 10);
  const ones = value % 10;
  return [...(tens > 1 ? [`number-${tens}`] : []), 'number-10', ...(ones > 0 ? [`number-${ones}`] : [])];
}
