import type { Actor } from '../auth/actor.ts';
import { findAlert } from '../alerts/queries.ts';
import { viewAlert } from '../alerts/alert-view.ts';
import { noteLook } from '../cases/identity/looks.ts';
import { findUser } from '../auth/queries.ts';
import { kindOf } from '../calls/call.ts';
import { findCall } from '../calls/queries.ts';
import { callerView } from '../cases/case-view.ts';
import { concerns, findCaseNews, isPushedTo, type CaseNews } from '../cases/find-case-news.ts';
import { findIdentity } from '../cases/identity/queries.ts';
import { findCase, findHistory } from '../cases/queries.ts';
import { assertNever } from '../errors.ts';
import type { Deps } from '../deps.ts';
import type { LiveEvent } from '../events/publish.ts';
import { findSeat } from '../seats/queries.ts';

const readNews = new WeakMap<LiveEvent, Promise<CaseNews | undefined>>();

/** Thousands listen, and each is told of every case that concerns them: the rows are read once an event, not once a listener. */
function caseNews(deps: Deps, event: LiveEvent & { type: 'case.changed' | 'case.pushed' }): Promise<CaseNews | undefined> {
  const news = readNews.get(event) ?? findCaseNews(deps.pool, event.caseId);
  readNews.set(event, news);
  return news;
}

/** An event as this listener may see it; null when it is not for them. */
export async function viewEvent(deps: Deps, actor: Actor, event: LiveEvent): Promise<object | null> {
  switch (event.type) {
    case 'case.changed': {
      if (!actor.permissions.has('case.read') && !actor.permissions.has('case.read_unit')) return null;
      const news = await caseNews(deps, event);
      if (!news || !concerns(actor, news)) return null;
      return { type: event.type, caseId: news.id, number: news.number, state: news.state, version: news.version };
    }
    case 'case.pushed': {
      const news = await caseNews(deps, event);
      return news && isPushedTo(actor, news) ? { type: event.type, caseId: news.id, number: news.number, state: news.state, urgency: news.urgency } : null;
    }
    case 'seat.changed': {
      if (!actor.permissions.has('seat.read')) return null;
      const seat = await findSeat(deps.pool, event.seatId);
      if (!seat) return null;
      const { id, state, operatorId, isRegistered, notReadyReason, callId, pendingState } = seat;
      return { type: event.type, seatId: id, state, operatorId, isRegistered, notReadyReason, callId, pendingState };
    }
    case 'seat.forced': {
      const isConcerned = actor.kind === 'user' && actor.userId === event.operatorId;
      if (!isConcerned && !actor.permissions.has('seat.force')) return null;
      const { userId, ...shown } = event;
      return { ...shown, byName: (await findUser(deps.pool, userId))?.displayName ?? null };
    }
    case 'alert.changed': {
      const alert = await findAlert(deps.pool, event.alertId);
      if (!alert) return null;
      // Whoever raised it sees that somebody comes; beyond that it is for supervisors.
      const isOwn = actor.kind === 'user' && actor.userId === alert.operatorId;
      if (!isOwn && !actor.permissions.has('alert.read')) return null;
      return { type: event.type, alert: viewAlert(alert) };
    }
    case 'call.changed':
    case 'call.ringing': return viewCallEvent(deps, actor, event);
    default: return assertNever(event);
  }
}

/**
 * The screen pop goes to the operator whose seat rings: who calls, what came before, which case. One who is only consulted
 * sees of a confidential case's citizen what everybody sees: nothing.
 */
async function viewCallEvent(deps: Deps, actor: Actor, event: LiveEvent & { type: 'call.changed' | 'call.ringing' }): Promise<object | null> {
  if (!actor.permissions.has('call.read')) return null;
  const call = await findCall(deps.pool, event.callId);
  if (!call) return null;
  const changed = { type: 'call.changed', callId: call.id, kind: kindOf(call), caseId: call.caseId, state: call.state, seatId: call.seatId, outcome: call.outcome };
  if (event.type !== 'call.ringing' || actor.kind !== 'user' || !call.caseId) return changed;
  const { userId } = actor;
  // Also when the phone answered by itself before this was read.
  if (!call.legs.some((leg) => leg.seatId === event.seatId && leg.operatorId === userId && leg.state !== 'ended')) return changed;
  const isInCharge = call.operatorId === userId;
  const { pool } = deps;
  const [one, identity, history] = await Promise.all([findCase(pool, call.caseId), findIdentity(pool, call.caseId), findHistory(pool, call.caseId)]);
  if (!one) return changed;
  const caller = callerView(isInCharge ? { ...one, ownerId: userId } : one, identity, actor);
  if (caller) await noteLook(pool, actor, null, { caseId: one.id, reason: 'screen pop', ...caller }, deps.now());
  // Earlier cases of the same number name the citizen as well as the number does.
  const shown = one.isConfidential ? [] : history;
  return { ...changed, type: 'call.ringing', caseNumber: one.number, caller, history: { count: shown.length, items: shown.slice(0, 5) } };
}
