import { v7 as uuid } from 'uuid';
import { AppError } from '../../errors.ts';
import { decideBy } from '../deadlines/keep-deadlines.ts';
import type { Scene } from './act.ts';
import type { CaseRequest } from './case-record.ts';
import { decideRequest, insertRequest } from './queries.ts';

type Asked = { readonly kind: CaseRequest['kind']; readonly reason: string; readonly legalBasis?: string; readonly wantedUntil?: Date };

/** Writes down what somebody asks for; one of a kind waits at a time. */
export async function ask(scene: Scene, { kind, reason, legalBasis, wantedUntil }: Asked): Promise<void> {
  const { tx, current, who, at, own, requests, reckoning } = scene;
  if (requests.some((one) => one.kind === kind)) throw new AppError('request_pending', { kind });
  await insertRequest(tx, current.id, { id: uuid(), kind, partId: own?.id ?? null, askedBy: who.userId, askedAt: at, reason, legalBasis: legalBasis ?? null, wantedUntil: wantedUntil ?? null, decideBy: decideBy(await reckoning(), at) });
}

/** Decides on what waits. @throws AppError when nothing of that kind does. */
export async function decide(scene: Scene, kind: CaseRequest['kind'], isGranted: boolean, note: string | undefined): Promise<CaseRequest> {
  const { tx, who, at, requests } = scene;
  const request = requests.find((one) => one.kind === kind);
  if (!request) throw new AppError('nothing_to_decide', { kind });
  await decideRequest(tx, request.id, { at, by: who.userId, isGranted, note: note ?? null });
  return request;
}
