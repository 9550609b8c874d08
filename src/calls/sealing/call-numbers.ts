import { vault, type Sealed } from '../../cases/identity/vault.ts';

/** The numbers in a call that lead to a person: the caller's, the one that was called, and those of legs that stand in no directory, by leg. */
export type CallNumbers = { readonly callerRaw: string; readonly callerNumber: string | null; readonly calledNumber: string | null; readonly legs: Readonly<Record<string, string>> };

export function holdsNumber({ callerRaw, callerNumber, calledNumber, legs }: CallNumbers): boolean {
  return callerRaw !== '' || callerNumber !== null || calledNumber !== null || Object.keys(legs).length > 0;
}

/** What stands in the plain columns now, with what was sealed before: a call that Asterisk's own queue went on with is saved once more. */
export function joinNumbers(plain: CallNumbers, sealed: CallNumbers | null): CallNumbers {
  if (!sealed) return plain;
  return { callerRaw: plain.callerRaw || sealed.callerRaw, callerNumber: plain.callerNumber ?? sealed.callerNumber, calledNumber: plain.calledNumber ?? sealed.calledNumber, legs: { ...sealed.legs, ...plain.legs } };
}

// Bound to the call, so that what is sealed cannot be put into another.
const boundTo = (callId: string): string => `call ${callId}`;

export function sealNumbers(callId: string, numbers: CallNumbers): Sealed {
  return { keyId: vault().currentId, sealed: vault().sealText(boundTo(callId), JSON.stringify(numbers)) };
}

/** @throws Error for a key that is not there, and for what was changed or belongs to another call. */
export function openNumbers(callId: string, sealed: Sealed): CallNumbers {
  return JSON.parse(vault().openText(boundTo(callId), sealed)) as CallNumbers;
}
