import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sipp, SippOptions } from '../phones/sipp.ts';
import { requireFree } from '../stack/ports.ts';
import { SetupError, type Settings } from '../stack/settings.ts';
import { play, say, type Stage } from './stage.ts';

/** A phone where the hotline's calls out go, whatever number they are for: a unit's, or a citizen's. */
export async function openUnit(stage: Stage, scenario: string, values: SippOptions['values'] = {}, presses?: SippOptions['presses']): Promise<Sipp> {
  const { settings } = stage;
  const { host, port } = readPeer(settings);
  await requireFree(port, host, 'HOTLINE_TRUNK_PEER', 'udp', 'HOTLINE_TRUNK_PEER');
  requireSamePeer(settings);
  const phone = play(stage, { scenario, service: 'unit', remoteHost: settings.reach, remotePort: settings.ports.trunkSip, localHost: host, localPort: port, values, ...(presses ? { presses } : {}) });
  await phone.bound;
  if (phone.child.exitCode !== null) throw new SetupError(`The unit's phone could not listen on ${settings.trunkPeer}. Choose another port by HOTLINE_TRUNK_PEER.`);
  say(`A phone listens on ${settings.trunkPeer}`);
  return phone;
}

function readPeer({ trunkPeer }: Settings): { host: string; port: number } {
  const [, host = '', port = '5060'] = /^([^:;]+)(?::(\d+))?$/.exec(trunkPeer) ?? [];
  if (!host || Number(port) < 1 || Number(port) > 65535) throw new SetupError(`HOTLINE_TRUNK_PEER=${trunkPeer} must be an address of this machine and a port, such as 127.0.0.1:5080.`);
  return { host, port: Number(port) };
}

/** A hotline that runs with another peer, a carrier perhaps, would have the demonstration ring somebody's real telephone. */
function requireSamePeer({ dataDir, trunkPeer }: Settings): void {
  const running = join(dataDir, 'asterisk/etc/pjsip.conf');
  if (!existsSync(running) || !readFileSync(running, 'utf8').includes(`\ncontact = sip:${trunkPeer}\n`)) {
    throw new SetupError(`The hotline does not call out to ${trunkPeer}. Give this command the HOTLINE_TRUNK_PEER that it was started with.`);
  }
}
