import type { ApiClient } from '../phones/api-client.ts';
import { say, until } from './stage.ts';

type EventView = { readonly id: number; readonly at: string; readonly type: string; readonly fromState: string | null; readonly toState: string };

/** Says each event of a call as it happens, until the call is over; `afterFirst` is done once the first was said. */
export async function followCall(api: ApiClient, callId: string, afterFirst: () => Promise<void> = async () => undefined): Promise<void> {
  const seen = new Set<number>();
  await until(async () => {
    const events = (await api.get<{ items: EventView[] }>(`/api/calls/${callId}/events`)).items.filter((event) => !seen.has(event.id));
    for (const event of events) {
      say(`${event.type.padEnd(18)} ${event.fromState ?? '–'} → ${event.toState}`, event.at);
      if (seen.size === 0) await afterFirst();
      seen.add(event.id);
    }
    return events.some((event) => event.toState === 'ended');
  }, 'the call to end', 120);
}
