import type { Deps } from '../deps.ts';
import { listWorkingSeats } from '../seats/queries.ts';
import { seatEndpoint } from '../seats/seat.ts';
import type { AmiConnection, AmiItem } from './ami-connection.ts';
import { lastResort } from './provision-queues.ts';

type Member = { readonly queue: string; readonly phone: string };

/**
 * Asterisk's own queues take the calls while no service is there. Their members are the seats whose operators work now;
 * Asterisk keeps them in a database of its own (persistentmembers), so that they stay when the service goes.
 */
export function createFallbackQueues(deps: Deps, ami: AmiConnection): { forget: () => void; know: (queues: ReadonlySet<string>) => void; keep: () => Promise<void> } {
  /** The queues that Asterisk has; until it was asked, only the last resort is certain. */
  let queues: ReadonlySet<string> = new Set([lastResort]);
  /** What Asterisk has, as far as we know; null until it was read on this connection. */
  let known: Map<string, Member> | null = null;
  async function change(action: 'QueueAdd' | 'QueueRemove', member: Member): Promise<void> {
    const name = action === 'QueueAdd' ? { MemberName: member.phone } : {};
    await ami.action(action, { Queue: member.queue, Interface: `PJSIP/${member.phone}`, ...name }).catch((error: unknown) => {
      // Not asked again on this connection: it would be refused every second.
      if (ami.isConnected) deps.log.warn({ err: error, ...member }, 'Asterisk’s own queue could not be kept in step');
      else throw error;
    });
  }
  return {
    /** After each connect: another Asterisk may be there, or an emptied one. */
    forget: () => { known = null; },
    /** A seat of a queue that Asterisk does not have serves the last resort, for that is where the queue's calls go. */
    know: (now) => {
      queues = now;
      known = null;
    },
    /** Adds who came, removes who went; costs one query when nothing changed. */
    async keep() {
      if (!ami.isConnected) return;
      const wanted = byKey((await listWorkingSeats(deps.pool)).map((seat) => ({ queue: queues.has(seat.queueId) ? seat.queueId : lastResort, phone: seatEndpoint(seat.seatId) })));
      const present = (known ??= byKey(await readMembers(ami)));
      for (const [key, member] of wanted) {
        if (present.has(key)) continue;
        await change('QueueAdd', member);
        present.set(key, member);
      }
      for (const [key, member] of present) {
        if (wanted.has(key)) continue;
        await change('QueueRemove', member);
        present.delete(key);
      }
    },
  };
}

function byKey(members: readonly Member[]): Map<string, Member> {
  return new Map(members.map((member) => [`${member.queue} ${member.phone}`, member]));
}

async function readMembers(ami: AmiConnection): Promise<Member[]> {
  const items = await ami.action('QueueStatus', {}, true);
  return items.filter((item) => item['event'] === 'QueueMember').map(toMember);
}

/** Source: Asterisk AMI event QueueMember, as QueueStatus sends it. */
function toMember(item: AmiItem): Member {
  return { queue: item['queue'] ?? '', phone: (item['location'] ?? item['interface'] ?? '').replace(/^PJSIP\//, '') };
}
