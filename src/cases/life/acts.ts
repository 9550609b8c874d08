import type { CaseAction } from '../case-machine.ts';
import type { Act } from './act.ts';
import { answer_submission, assign, dispatch, dispute, propose, recall, submit } from './acts/dispatching.ts';
import { grant_extension, refuse_extension, refuse_suspension, request_extension, request_suspension, resume, suspend } from './acts/extending.ts';
import { finish_part, hand_in, note_contact, note_progress, sign, sub_dispatch } from './acts/handling.ts';
import { accept_return, refuse_return, request_return } from './acts/returning.ts';
import { link, merge, unmerge } from './acts/merging.ts';
import { succeed } from './acts/succeeding.ts';
import { answer_order, close_order, escalate, instruct, open_order, record_visit, report_instruction, return_order, urge, warn_unit } from './acts/supervising.ts';
import { accept_feedback, archive, close, close_explained, decide_review, reopen, request_review, rework, send_back } from './acts/reviewing.ts';

/** Every act after the desk, by its name in the table of transitions. */
export const acts = {
  propose, submit, answer_submission, dispatch, recall, dispute, assign,
  sign, request_return, accept_return, refuse_return,
  sub_dispatch, note_contact, note_progress, finish_part, hand_in,
  request_extension, grant_extension, refuse_extension, request_suspension, suspend, refuse_suspension, resume,
  accept_feedback, send_back, close, close_explained, rework, request_review, decide_review, archive, reopen,
  link, merge, unmerge, succeed, urge, open_order, answer_order, close_order, return_order, record_visit, instruct, report_instruction, escalate, warn_unit,
} satisfies Partial<Record<CaseAction, Pick<Act, 'summary' | 'body'>>>;
export type ActName = keyof typeof acts;

/** Those that give a unit a part by where it stands in the tree, which nobody changes meanwhile. */
export const placingActs: ReadonlySet<string> = new Set<ActName>(['dispatch', 'assign', 'sub_dispatch', 'escalate', 'succeed']);
