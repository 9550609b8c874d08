import { Type } from 'typebox';

/** Keys that an admin chooses: queues, skills, hours, directory entries. */
export const codePattern = '^[a-z0-9][a-z0-9-]{0,31}$';
export const Code = Type.String({ pattern: codePattern });
export const Name = Type.String({ minLength: 1, maxLength: 100 });
export const names = { nameZh: Name, nameEn: Name };
export const position = Type.Integer({ minimum: 0, maximum: 10_000, default: 0, description: 'Order in lists' });
export const NullableCode = Type.Union([Code, Type.Null()], { default: null });
/** Nothing said: null. */
export function optionalInteger(minimum: number, maximum: number, description: string) {
  return Type.Union([Type.Integer({ minimum, maximum }), Type.Null()], { default: null, description });
}
