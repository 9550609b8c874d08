import { Type, type Static } from 'typebox';

/** A rate is never shown without its parts (rule 7). */
export const Rate = Type.Object({ count: Type.Integer(), of: Type.Integer() });
export type Rate = Readonly<Static<typeof Rate>>;
