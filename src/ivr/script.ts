/*
 * What a citizen is asked over the phone, question by question, as data: a callback survey, a campaign, the rating after a call.
 */
export type ScriptQuestion = {
  readonly code: string;
  /** choice and scale: one key. voice: whatever is said until # or silence; the answer is its place in the call's recording. */
  readonly kind: 'choice' | 'scale' | 'voice';
  readonly prompts: readonly string[];
  /** What each key means; empty for a voice. */
  readonly keys: Readonly<Record<string, string>>;
  /** How long a voice may be, seconds; 30 unless told. */
  readonly maxSec?: number | undefined;
};

export type Script = {
  readonly purpose: 'survey' | 'campaign' | 'rating';
  /**
   * Who calls, and that 1 is for the right person; only after the 1 is anything told of the matter (`matter`). Null where the citizen is
   * on the line anyway.
   */
  readonly opening: { readonly prompts: readonly string[]; readonly matter: readonly string[] } | null;
  readonly questions: readonly ScriptQuestion[];
  /** The last word to who answered, and to who does not want to. */
  readonly closing: readonly string[];
  readonly refused: readonly string[];
  /** Where `personKey` leads; null: to nobody. */
  readonly personQueueId: string | null;
  readonly personPriority: number;
};

export type ScriptAnswer = { readonly code: string; readonly value: string | null; readonly at: string; /** Of a voice: from when to when it was spoken. */ readonly from?: string; readonly to?: string };

/** How the script is over. silent: keys were asked for in vain; the answers so far are kept. */
export type ScriptEnd = 'done' | 'refused' | 'person' | 'silent';

/** Where somebody is in a script. */
export type ScriptProgress = {
  readonly script: Script;
  /** Index of the question that is asked; -1: the opening. */
  readonly step: number;
  /** How often it was asked. */
  readonly asked: number;
  /** Somebody said by 1 to be the right person. */
  readonly isConfirmed: boolean;
  readonly answers: readonly ScriptAnswer[];
  /** When the voice that is listened to began. */
  readonly speaksSince: string | null;
  readonly end: ScriptEnd | null;
};

export const confirmKey = '1';
export const refuseKey = '9';
export const personKey = '0';
export const repeatKey = '*';
export const endOfVoiceKey = '#';
