import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deskLeg, deskLines, partiesOf, supervisorLeg, type Call } from '../../src/calls/call.ts';
import { allowedCallActions, callActions, type CallAction } from '../../src/calls/talking/call-action-rules.ts';
import type { CallEvent } from '../../src/calls/call-event.ts';
import { nextCall } from '../../src/calls/call-machine.ts';
import type { Effect } from '../../src/calls/effect.ts';
import { arrange, talkers } from '../../src/calls/talking/place-rules.ts';
import { after, answered, anyEvent, anyMoment, at, consult, consultSeat, expectSound, facts, heard, held, late, lead, offered, play, threeWay, transfer } from '../support/call-steps.ts';

/** The telephone system as the effects leave it: who is in the bridge, who hears music, who hears ringing, who listens at whose channel. */
type World = { readonly bridge: Set<string>; readonly music: Set<string>; readonly ringback: Set<string>; readonly spies: Map<string, { targetId: string; isWhisper: boolean }> };
const newWorld = (): World => ({ bridge: new Set(), music: new Set(), ringback: new Set(), spies: new Map() });

function carryOut(world: World, effects: readonly Effect[]): void {
  for (const effect of effects) {
    if (effect.type === 'bridge') effect.channelIds.forEach((id) => world.bridge.add(id));
    if (effect.type === 'unbridge') world.bridge.delete(effect.channelId);
    if (effect.type === 'start_music') world.music.add(effect.channelId);
    if (effect.type === 'stop_music') world.music.delete(effect.channelId);
    if (effect.type === 'start_ringing') world.ringback.add(effect.channelId);
    if (effect.type === 'stop_ringing') world.ringback.delete(effect.channelId);
    if (effect.type === 'spy') world.spies.set(effect.channelId, { targetId: effect.targetId, isWhisper: effect.isWhisper });
    if (effect.type === 'unspy') world.spies.delete(effect.channelId);
  }
}

function expectEverybodyPlaced(world: World, call: Call): void {
  for (const place of [world.bridge, world.music, world.ringback]) {
    for (const id of place) if (!call.legs.some((leg) => leg.id === id)) place.delete(id);
  }
  if (call.state !== 'talking' && call.state !== 'transferring') return;
  // A copy of a channel goes with it, and one left behind by its supervisor would be a bug to find here.
  for (const [id, { targetId }] of world.spies) if (!call.legs.some((leg) => leg.id === targetId)) world.spies.delete(id);
  expectSupervisorPlaced(world, call);
  expect([...world.bridge].sort()).toEqual(heard(call));
  expect([...world.music].sort()).toEqual(held(call));
  const parties = partiesOf(call).legs;
  const waiting = parties.filter((leg) => leg.state === 'up' && !leg.isHeld && !heard(call).includes(leg.id)).map((leg) => leg.id);
  expect([...world.ringback]).toEqual(parties.some((leg) => leg.state === 'dialing') ? waiting : []);
}

/** Who hears the supervisor, by what the telephone system does: everybody in the same bridge, and the operator who is whispered to. */
function hearers(world: World, id: string): string[] {
  const spied = world.spies.get(id);
  return [...(world.bridge.has(id) ? [...world.bridge].filter((one) => one !== id) : []), ...(spied?.isWhisper ? [spied.targetId] : [])].sort();
}

/** A listener is heard by nobody, a whisperer by the operator alone, one who barges in by all who talk. */
function expectSupervisorPlaced(world: World, call: Call): void {
  const supervisor = supervisorLeg(call);
  expect([...world.spies.keys()].filter((id) => id !== supervisor?.id)).toEqual([]);
  if (!supervisor) return;
  const desk = deskLeg(call);
  expect(desk).toBeDefined();
  if (!desk || supervisor.state !== 'up') return expect([hearers(world, supervisor.id), world.spies.size]).toEqual([[], 0]);
  const parties = talkers(partiesOf(call)).map((leg) => leg.id).sort();
  const expected = { listen: [], whisper: [desk.id], barge: parties.length > 0 ? parties : [desk.id] };
  expect(hearers(world, supervisor.id)).toEqual(expected[supervisor.mode ?? 'listen']);
  // And hears what the operator hears, in one way only.
  expect([world.spies.get(supervisor.id)?.targetId === desk.id, world.bridge.has(supervisor.id) && world.bridge.has(desk.id)].filter(Boolean)).toHaveLength(1);
}

describe('a call in which people talk, whatever they do in whatever order', () => {
  it('has everybody in the bridge, at the music or at the ringing, as the rows say', () => {
    fc.assert(fc.property(fc.array(fc.tuple(anyEvent, anyMoment), { maxLength: 60 }), (events) => {
      const world = newWorld();
      for (const step of lead(offered, [...answered.map((event) => [event, at] as const), ...events])) {
        expectSound(step);
        carryOut(world, step.decision.effects);
        expectEverybodyPlaced(world, step.after);
      }
    }), { numRuns: 3_000 });
  });

  it('leaves nobody held without somebody to come back, and nobody alone but the operator', () => {
    fc.assert(fc.property(fc.array(fc.tuple(anyEvent, anyMoment), { maxLength: 60 }), (events) => {
      for (const { after: call } of lead(offered, [...answered.map((event) => [event, at] as const), ...events])) {
        if (call.state === 'transferring') expect(call.legs.map((leg) => leg.state).sort()).toEqual(['dialing', 'up']); // and no supervisor
        if (call.state !== 'talking') continue;
        if (call.legs.some((leg) => leg.isHeld || (leg.role === 'operator' && leg.state === 'up'))) expect(deskLeg(call)).toBeDefined();
        const alone = partiesOf(call).legs.filter((leg) => leg.state === 'up' && !leg.isHeld && !talkers(call).includes(leg));
        expect(alone.filter((leg) => leg !== deskLeg(call))).toEqual([]);
      }
    }), { numRuns: 3_000 });
  });

  it('allows the operator exactly what would change something', () => {
    fc.assert(fc.property(fc.array(fc.tuple(anyEvent, anyMoment), { maxLength: 60 }), (events) => {
      for (const { after: call } of lead(offered, [...answered.map((event) => [event, at] as const), ...events])) {
        const changes = (event: CallEvent): boolean => nextCall(call, event, facts, at) !== null;
        const isPossible: Record<CallAction, boolean> = {
          hold: changes({ type: 'hold' }), join: changes({ type: 'join' }) && deskLeg(call) !== undefined, leave: changes({ type: 'leave' }) && partiesOf(call).legs.length - deskLines(call).length > 1,
          switch: call.legs.filter((leg) => changes({ type: 'switch', legId: leg.id })).length > 1,
          drop: call.legs.some((leg) => !deskLines(call).includes(leg) && changes({ type: 'drop', legId: leg.id })) && deskLeg(call) !== undefined,
          consult: changes({ ...consult, legId: 'new' }), transfer: changes({ ...consult, type: 'transfer', legId: 'new' }),
        };
        expect(allowedCallActions(call)).toEqual(callActions.filter((action) => isPossible[action]));
      }
    }), { numRuns: 1_000 });
  });

  it('can be put in place anew, wherever the commands that were lost left everybody', () => {
    const anywhere = fc.uniqueArray(fc.constantFrom('citizen', 'a', 'unit-1', 'unit-2', 'seat-2', 'super-1'));
    fc.assert(fc.property(fc.array(fc.tuple(anyEvent, anyMoment), { maxLength: 60 }), anywhere, anywhere, anywhere, (events, bridge, music, ringback) => {
      for (const { after: call } of lead(offered, [...answered.map((event) => [event, at] as const), ...events])) {
        const isUp = (id: string): boolean => call.legs.some((leg) => leg.id === id && leg.state === 'up');
        const world: World = { ...newWorld(), bridge: new Set(bridge.filter(isUp)), music: new Set(music.filter(isUp)), ringback: new Set(ringback.filter(isUp)) };
        const supervisor = supervisorLeg(call);
        if (supervisor?.state === 'up') {
          [world.music, world.ringback].forEach((place) => place.delete(supervisor.id));
          if (bridge.length % 2 === 0) world.spies.set(supervisor.id, { targetId: 'a', isWhisper: true });
        }
        if (call.state === 'talking' || call.state === 'transferring') carryOut(world, arrange(null, call, 'default'));
        expectEverybodyPlaced(world, call);
      }
    }), { numRuns: 1_000 });
  });

  it('puts each into the bridge by itself, so that one who has just hung up keeps nobody out of it', () => {
    const bridged = play(consult, { type: 'leg_answered', legId: 'unit-1' }, { type: 'join' }, { type: 'hold' }, { type: 'join' }).at(-1)?.decision.effects
      .flatMap((effect) => (effect.type === 'bridge' ? [effect.channelIds] : []));
    expect(bridged).toEqual([['citizen'], ['a'], ['unit-1']]);
  });
});

describe('a three-way call', () => {
  it('is a consultation first: music to the citizen, ringing to the operator, then the two talk', () => {
    expect(held(after(consult))).toEqual(['citizen']);
    expect(heard(after(consult))).toEqual([]);
    expect(heard(after(consult, { type: 'leg_answered', legId: 'unit-1' }))).toEqual(['a', 'unit-1']);
  });

  it('joins citizen, operator and unit', () => {
    expect(heard(after(...threeWay))).toEqual(['a', 'citizen', 'unit-1']);
  });

  it('lets the operator switch between the two', () => {
    const back = after(...threeWay, { type: 'switch', legId: 'citizen' });
    expect([heard(back), held(back)]).toEqual([['a', 'citizen'], ['unit-1']]);
  });

  it.each([
    ['the operator', 'leave', ['citizen', 'unit-1']], ['the unit', 'unit-1', ['a', 'citizen']], ['the citizen', 'citizen', ['a', 'unit-1']],
  ] as const)('goes on between the other two when %s leaves', (_, who, others) => {
    const call = after(...threeWay, who === 'leave' ? { type: 'leave' } : { type: 'leg_ended', legId: who, cause: 16 });
    expect([call.state, heard(call)]).toEqual(['talking', others]);
    expect(after(...threeWay, who === 'leave' ? { type: 'leave' } : { type: 'leg_ended', legId: who, cause: 16 },
      { type: 'leg_ended', legId: others[1], cause: 16 })).toMatchObject({ state: 'ended', outcome: 'answered' });
  });

  it('takes a second unit while the first one waits', () => {
    const call = after(...threeWay, { ...consult, legId: 'unit-2' }, { type: 'leg_answered', legId: 'unit-2' }, { type: 'join' });
    expect(heard(call)).toEqual(['a', 'citizen', 'unit-1', 'unit-2']);
  });

  it('is one key where the others go on talking while the unit rings', () => {
    expect(heard(after({ ...consult, isHolding: false }))).toEqual(['a', 'citizen']);
    expect(heard(after({ ...consult, isHolding: false }, { type: 'leg_answered', legId: 'unit-1' }))).toEqual(['a', 'citizen', 'unit-1']);
  });

  it('tells the operator why a unit is not there, and brings the citizen back', () => {
    const told = play(consult, { type: 'leg_ended', legId: 'unit-1', cause: 17 }).at(-1);
    expect(told?.decision.effects).toContainEqual({ type: 'play', channelId: 'a', playbackId: 'unit-1-why', prompts: ['dial-busy'] });
    expect(heard(after(consult, { type: 'leg_ended', legId: 'unit-1', cause: 17 }, { type: 'playback_finished', playbackId: 'unit-1-why' }))).toEqual(['a', 'citizen']);
    expect(heard(after(consult, { type: 'drop', legId: 'unit-1' }))).toEqual(['a', 'citizen']);
  });
});

describe('a message that the operator hears', () => {
  it('does not keep the citizen at the music when its end was never told', () => {
    const told = after(consult, { type: 'leg_ended', legId: 'unit-1', cause: 17 });
    expect(nextCall(told, { type: 'overdue' }, facts, at)).toBeNull();
    const on = nextCall(told, { type: 'overdue' }, facts, late);
    expect(on && heard(on.call)).toEqual(['a', 'citizen']);
    expect(on?.call.deadlineAt).toBeNull();
  });
});

describe('a transfer', () => {
  it('lets the operator go at once, and the citizen hears music until the unit answers', () => {
    const dialled = play(transfer).at(-1);
    expect(dialled?.after).toMatchObject({ state: 'transferring' });
    expect(dialled?.decision.changes).toContainEqual({ type: 'seat', seatId: '8001', event: { type: 'release', callId: 'call', wrapUpSec: 30 } });
    const call = after(transfer, { type: 'leg_answered', legId: 'unit-1' });
    expect([call.state, heard(call)]).toEqual(['talking', ['citizen', 'unit-1']]);
  });

  it('takes the citizen back into the place of old when the unit is not there', () => {
    const call = after(transfer, { type: 'leg_ended', legId: 'unit-1', cause: 19 });
    expect(call).toMatchObject({ state: 'waiting', seatId: null, queuedAt: after().queuedAt });
    expect(held(call)).toEqual([]);
  });

  it('to a seat hands the call and its case over', () => {
    const steps = play(consultSeat, { type: 'leg_answered', legId: 'seat-2' }, { type: 'leave' });
    expect(steps.at(-1)?.after).toMatchObject({ state: 'talking', seatId: '8003', operatorId: 'w', legs: [{ id: 'citizen' }, { id: 'seat-2' }] });
    const blind = play({ ...consultSeat, type: 'transfer' }, { type: 'leg_answered', legId: 'seat-2' }).at(-1);
    expect(blind?.after).toMatchObject({ seatId: '8003', operatorId: 'w' });
    expect(blind?.decision.changes).toContainEqual({ type: 'case_owned', operatorId: 'w' });
  });
});

describe('a consultation that fails', () => {
  it('leaves those held who were held before it, and brings the citizen back', () => {
    const busy: readonly CallEvent[] = [{ type: 'leg_ended', legId: 'unit-2', cause: 17 }, { type: 'playback_finished', playbackId: 'unit-2-why' }];
    const second: CallEvent = { ...consult, legId: 'unit-2' };
    const apart: readonly CallEvent[] = [...threeWay, { type: 'switch', legId: 'citizen' }];
    expect([heard(after(...apart, second, ...busy)), held(after(...apart, second, ...busy))]).toEqual([['a', 'citizen'], ['unit-1']]);
    const allHeld: readonly CallEvent[] = [...threeWay, { type: 'hold' }];
    expect([heard(after(...allHeld, second, ...busy)), held(after(...allHeld, second, ...busy))]).toEqual([['a', 'citizen'], ['unit-1']]);
    const withUnit: readonly CallEvent[] = [...threeWay, { type: 'switch', legId: 'unit-1' }];
    expect(heard(after(...withUnit, second, { type: 'drop', legId: 'unit-2' }))).toEqual(['a', 'unit-1']);
  });

  it('does not dial the citizen’s own number', () => {
    const call = { ...after(), legs: after().legs.map((leg) => (leg.id === 'citizen' ? { ...leg, number: '13800001111' } : leg)) };
    const own = { role: 'unit', seatId: null, operatorId: null, number: '13800001111', directoryCode: null } as const;
    expect([nextCall(call, { ...consult, party: own }, facts, at), nextCall(call, { ...transfer, party: own }, facts, at)]).toEqual([null, null]);
  });
});

describe('an operator who has left', () => {
  const takenOver = after(consultSeat, { type: 'leg_answered', legId: 'seat-2' }, { type: 'leave', deskId: 'a' });
  it.each<CallEvent>([{ type: 'leave', deskId: 'a' }, { type: 'hold', deskId: 'a' }, { ...consult, deskId: 'a' }, { ...transfer, deskId: 'a' },
    { type: 'drop', legId: 'seat-2', deskId: 'a' }, { type: 'hang_up', by: 'operator', askerId: 'a' }])('does nothing more to the call by a key pressed twice: $type', (event) => {
    expect(nextCall(takenOver, event, facts, at)).toBeNull();
  });

  it('leaves the call to the one who took it over', () => {
    expect(nextCall(takenOver, { type: 'hang_up', by: 'operator', askerId: 'seat-2' }, facts, at)?.call.state).toBe('ended');
  });
});
