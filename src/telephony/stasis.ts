import type { Deps } from '../deps.ts';
import { applyCallEvent } from '../calls/apply-call-event.ts';
import { dialFromSeatPhone } from '../calls/outbound/dial-out.ts';
import { transferByPhone, type Referral } from '../calls/talking/transfer-by-phone.ts';
import { offerCall } from '../calls/inbound/offer-call.ts';
import { inOrder } from '../calls/in-order.ts';
import { findCallOfLiveLeg, noteLegOver } from '../calls/known-legs.ts';
import { findCallOfLeg, isLegLive } from '../calls/queries.ts';
import type { AriChannel } from './ari-channel.ts';
import type { AriEvent } from './ari-event.ts';
import { readRecord } from './own-queue-records.ts';
import type { Talks } from './talks.ts';

/**
 * Translates Asterisk's events into the hotline's, those of one channel in their order. One bad call never stops the others.
 * Resolves when it is handled, or was given up.
 */
export async function onAriEvent(deps: Deps, event: AriEvent, talks: Talks): Promise<void> {
  const arrivedAt = deps.now();
  await inOrder(channelTurn(channelOf(event)), () => handle(deps, event, talks)).catch((error: unknown) => {
    deps.log.error({ err: error, event: event.type }, 'An event of Asterisk could not be handled');
    if (isEnd(event)) talks.noteEnd(event.channel.id, arrivedAt);
  });
}

function isEnd(event: AriEvent): event is Extract<AriEvent, { type: 'ChannelHangupRequest' | 'StasisEnd' | 'ChannelDestroyed' }> {
  return event.type === 'ChannelHangupRequest' || event.type === 'StasisEnd' || event.type === 'ChannelDestroyed';
}

async function handle(deps: Deps, event: AriEvent, talks: Talks): Promise<void> {
  switch (event.type) {
    case 'StasisStart': return enterApplication(deps, event.channel, event.args);
    case 'ChannelStateChange':
      if (event.channel.state === 'Ringing') await applyToLeg(deps, event.channel.id, 'leg_ringing');
      return;
    case 'ChannelHangupRequest':
    case 'StasisEnd':
    case 'ChannelDestroyed': {
      const callId = await findCallOfLiveLeg(deps, event.channel.id);
      const cause = 'cause' in event ? event.cause ?? null : null;
      if (callId) await applyCallEvent(deps, callId, { type: 'leg_ended', legId: event.channel.id, cause });
      noteLegOver(deps, event.channel.id);
      talks.forget(event.channel.id);
      return;
    }
    case 'PlaybackFinished': {
      const callId = await findCallOfLiveLeg(deps, channelOf(event));
      if (callId) await applyCallEvent(deps, callId, { type: 'playback_finished', playbackId: event.playback.id });
      return;
    }
    case 'ChannelDtmfReceived': {
      const callId = await findCallOfLiveLeg(deps, event.channel.id);
      if (callId) await applyCallEvent(deps, callId, { type: 'digit', legId: event.channel.id, digit: event.digit });
      return;
    }
    case 'ChannelHold': return applyKey(deps, event.channel.id, 'phone_hold');
    case 'ChannelUnhold': return applyKey(deps, event.channel.id, 'phone_resume');
    case 'ChannelTransfer':
      if (event.state === undefined) await transferByPhone(deps, event.referred_by.source_channel.id, referralOf(event.refer_to));
      return;
    case 'ApplicationReplaced':
      deps.log.error('Another service took over this Asterisk application; make sure that only one deployment uses it');
      return;
  }
}

/** The turn in which a channel's events are taken, and whatever else must not come between them. */
export function channelTurn(channelId: string): string {
  return `channel ${channelId}`;
}

function channelOf(event: AriEvent): string {
  if (event.type === 'ApplicationReplaced') return '';
  if (event.type === 'ChannelTransfer') return event.referred_by.source_channel.id;
  return event.type === 'PlaybackFinished' ? event.playback.target_uri.replace(/^channel:/, '') : event.channel.id;
}

async function applyToLeg(deps: Deps, legId: string, type: 'leg_ringing' | 'leg_answered'): Promise<boolean> {
  const callId = await findCallOfLiveLeg(deps, legId);
  if (callId) await applyCallEvent(deps, callId, { type, legId });
  return callId !== undefined;
}

function referralOf(to: Extract<AriEvent, { type: 'ChannelTransfer' }>['refer_to']): Referral {
  const { destination, protocol_id: dialog } = to.requested_destination;
  return dialog === undefined ? { destination: destination ?? '' } : { lineId: to.destination_channel?.id ?? null };
}

/** The operator's phone has a hold key of its own: it does what the screen's does. */
async function applyKey(deps: Deps, legId: string, type: 'phone_hold' | 'phone_resume'): Promise<void> {
  const callId = await findCallOfLiveLeg(deps, legId);
  if (callId) await applyCallEvent(deps, callId, { type, legId });
}

/** A channel came into our application: a citizen, a seat that dials, or a leg we dialled that was answered. */
export async function enterApplication(deps: Deps, channel: AriChannel, args: readonly string[]): Promise<void> {
  const [role, detail = ''] = args;
  if (role === 'inbound') {
    await offerCall(deps, { channelId: channel.id, calledNumber: detail, callerRaw: channel.caller.number });
  } else if (role === 'returned') {
    await takeBack(deps, channel, detail);
  } else if (role === 'seat') {
    const seatId = /^PJSIP\/seat-(\d+)-/.exec(channel.name)?.[1];
    if (seatId) await dialFromSeatPhone(deps, { channelId: channel.id, seatId, number: detail });
    else await deps.telephony.hangup(channel.id, 'refused');
  } else if (role === 'spy') {
    // Made a moment after its supervisor had left, by another process.
    if (!(await isLegLive(deps.pool, detail))) await deps.telephony.unspy(detail);
  } else if (!(await applyToLeg(deps, channel.id, 'leg_answered'))) {
    await deps.telephony.hangup(channel.id, 'normal'); // leads nowhere
  }
}

/** A citizen comes over out of Asterisk's own queue (telephony/take-over.ts); without a record, as if calling just now. */
async function takeBack(deps: Deps, channel: AriChannel, calledNumber: string): Promise<void> {
  const carried = await readRecord(deps, channel.id);
  const isOver = await findCallOfLeg(deps.pool, channel.id) !== undefined && !(await isLegLive(deps.pool, channel.id));
  // Its call cannot be opened a second time.
  if (isOver) await deps.telephony.giveToFallback(channel.id);
  else await offerCall(deps, { channelId: channel.id, calledNumber, callerRaw: channel.caller.number, carried: carried ?? undefined });
}
