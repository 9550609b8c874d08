import { AppError } from '../errors.ts';

/**
 * The same value with only text that can be stored: PostgreSQL takes no NUL, and JSON columns no half of a surrogate pair.
 * A half pair becomes `\uFFFD`, so that no autosave is lost to an emoji that was cut; a NUL nobody types, it is refused.
 */
export function readableText(value: unknown, path: string): unknown {
  if (typeof value === 'string') return readableString(value, path);
  if (Array.isArray(value)) return value.map((one, index) => readableText(one, `${path}/${index}`));
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [readableString(key, path), readableText(one, `${path}/${key}`)]));
}

function readableString(text: string, path: string): string {
  if (text.includes('\0')) throw new AppError('bad_request', { errors: [{ path, message: 'must not contain the character NUL' }] });
  return text.replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}
