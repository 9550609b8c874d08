import { readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { CarriedCall } from '../calls/own-queue/carried-call.ts';
import type { Deps } from '../deps.ts';
import { readIfThere } from './asterisk-folder.ts';
import { readCarriedCall } from './own-queue-record-rules.ts';

/** Asterisk's dialplan writes here; scripts/stack/asterisk.ts and asterisk-conf/Dockerfile name the same folder. */
function folderOf({ config }: Pick<Deps, 'config'>): string {
  return join(config.HOTLINE_RECORDINGS_DIR, 'own-queue');
}

/** Asterisk's unique ids (systemname-seconds.count); what was set aside is none. */
const channelIdPattern = /^[\w-]+\.\d+$/;

/** The channels of which there is a record. */
export async function listRecords(deps: Pick<Deps, 'config'>): Promise<string[]> {
  const names = await readdir(folderOf(deps)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => channelIdPattern.test(name)).sort();
}

export async function readRecord(deps: Pick<Deps, 'config'>, channelId: string): Promise<CarriedCall | null> {
  const content = channelIdPattern.test(channelId) ? await readIfThere(join(folderOf(deps), channelId)) : null;
  return content && readCarriedCall(channelId, content.toString());
}

/** Once its call is committed: the citizen's number stands in it. */
export async function removeRecord(deps: Pick<Deps, 'config'>, channelId: string): Promise<void> {
  await unlink(join(folderOf(deps), channelId)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** For somebody to look at: it does not even tell that a call came. */
export async function setAside(deps: Pick<Deps, 'config'>, channelId: string): Promise<void> {
  await rename(join(folderOf(deps), channelId), join(folderOf(deps), `${channelId}.unreadable`));
}
