import type { Call } from './call.ts';
import type { Effect, SideChange } from './effect.ts';
import type { Leg } from './leg.ts';

/** What an event makes of a call: saved in one transaction, then the effects are carried out. */
export type Decision = {
  readonly call: Call;
  /** Legs that are new or changed, ended ones included. */
  readonly legs: readonly Leg[];
  readonly changes: readonly SideChange[];
  readonly effects: readonly Effect[];
  /** Written down instead of the event's own fields; null: nothing worth a row happened. */
  readonly note?: object | null;
};
