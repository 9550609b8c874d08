/** The record of a call's recording; the audio lies in the store under `path`. */
export type Recording = {
  readonly callId: string;
  readonly path: string;
  readonly channels: number;
  readonly startedAt: Date;
  readonly storedAt: Date | null;
  readonly bytes: number | null;
  readonly durationMs: number | null;
  readonly sha256: Buffer | null;
  /** Why there is no audio. */
  readonly failure: 'disk_full' | 'not_started' | 'no_file' | null;
  readonly isRawLeft: boolean;
  readonly damagedAt: Date | null;
  readonly heldAt: Date | null;
  readonly holdReason: string | null;
  readonly deletedAt: Date | null;
};

/** One file a call, one folder a day (UTC). */
export function recordingKey(callId: string, at: Date): string {
  return `${at.toISOString().slice(0, 10)}/${callId}.wav`;
}

/** What Asterisk writes while the call lasts. */
export function rawKey(key: string): string {
  return key.replace(/\.wav$/, '.raw');
}

export const pauseReasons = ['password', 'bank_card', 'identity', 'other'] as const;
export type PauseReason = (typeof pauseReasons)[number];
/** A pause nobody ended is over after this long, seconds. */
export const pauseLimitSec = 120;

export type Pause = {
  readonly startedAt: Date;
  readonly endsAt: Date;
  readonly endedAt: Date | null;
  readonly startedBy: string | null;
  readonly reason: PauseReason | null;
  readonly endedWhy: 'operator' | 'time' | 'operator_left' | 'failed' | null;
};
