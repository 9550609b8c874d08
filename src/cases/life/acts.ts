import type { CaseAction } from '../case-machine.ts';
import type { Act } from './act.ts';
import * as dispatching from './acts/dispatching.ts';
import * as extending from './acts/extending.ts';
import * as handling from './acts/handling.ts';
import { accept_return, refuse_return, request_return } from './acts/returning.ts';
import * as reviewing from './acts/reviewing.ts';

/** Every act after the desk, by its name in the table of transitions. */
export const acts = { ...dispatching, ...handling, accept_return, refuse_return, request_return, ...extending, ...reviewing } satisfies Partial<Record<CaseAction, Pick<Act, 'summary' | 'body'>>>;
export type ActName = keyof typeof acts;
