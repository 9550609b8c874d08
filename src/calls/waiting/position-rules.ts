import type { Language } from '../../ivr/menu.ts';

/** Prompts that tell a caller the place in the queue; `position` counts from 1. Spoken for 1 to 109, then "more than 100". */
export function positionPrompts(position: number, language: Language = 'zh'): string[] {
  if (position <= 1) return ['queue-position-next'];
  return ['queue-position-before', ...numberPrompts(Math.min(position - 1, 100), language), 'queue-position-after'];
}

/** Below this the wait is not worth a sentence, seconds; 2 minutes. */
const shortWaitSec = 120;
const longestToldMin = 100;

/** Prompts that tell how long it will take, in whole minutes, from 2 on; nothing for less. Above 100 they say 100. */
export function waitPrompts(waitSec: number, language: Language = 'zh'): string[] {
  if (waitSec < shortWaitSec) return [];
  return ['queue-wait-before', ...numberPrompts(Math.min(Math.ceil(waitSec / 60), longestToldMin), language), 'queue-wait-after'];
}

/** For 0 to 100. Mandarin out of the prompts number-0 to number-10 and number-100: 12 十二, 20 二十, 100 一百. English has words to 20 and for tens. */
export function numberPrompts(value: number, language: Language = 'zh'): string[] {
  if (value <= 10 || (language === 'en' && (value < 20 || (value < 100 && value % 10 === 0)))) return [`number-${value}`];
  if (value === 100) return ['number-1', 'number-100'];
  const tens = Math.floor(value / 10);
  const ones = value % 10;
  if (language === 'en') return [`number-${tens * 10}`, `number-${ones}`];
  return [...(tens > 1 ? [`number-${tens}`] : []), 'number-10', ...(ones > 0 ? [`number-${ones}`] : [])];
}
