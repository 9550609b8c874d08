import { createServer, type Server } from 'node:net';

/** Ports that belong to whoever holds the block. */
type PortBlock = {
  /** For what a stack listens on, as settings. */
  readonly settings: Record<string, string>;
  /** For what is beside it. */
  readonly trunkPeer: number; readonly standBy: number;
  /** For phones, from this one on: `phonePorts`. */
  readonly firstPhone: number;
  readonly release: () => void;
};
const names = ['HTTP', 'POSTGRES', 'REDIS', 'ARI', 'AMI', 'TRUNK_SIP', 'SEAT_SIP'];

/* All of it below the ports that the system gives out by itself (ip_local_port_range, from 32768): a server that is killed and started again finds
   its port free. Media ports of its own keep one stack's late audio out of another's calls; the bench's 500 calls take 1000 of them. */
const blocks = Array.from({ length: 7 }, (_, index) => ({ first: 10_000 + index * 900, rtpStart: 16_300 + index * 2_350 }));
const rtpCount = 2_350;
const [phoneOffset, phoneCount, portsOfPhone] = [100, 100, 8];

/** A block that no other stack has, of this run or another: its first port is listened on until `release` or the end of the process. */
export async function holdPortBlock(): Promise<PortBlock> {
  for (const { first, rtpStart } of blocks) {
    const holder = await listen(first);
    if (!holder) continue;
    const servers = names.map((name, index) => [`HOTLINE_${name}_PORT`, first + 1 + index] as const);
    const [trunkPeer, standBy] = [first + 10, first + 11];
    const listeners = await Promise.all([...servers.map(([, port]) => port), trunkPeer, standBy].map(listen));
    await Promise.all(listeners.filter((one) => one !== null).map(close));
    const settings = Object.fromEntries([...servers, ['HOTLINE_RTP_START', rtpStart] as const, ['HOTLINE_RTP_END', rtpStart + rtpCount - 1] as const].map(([name, port]) => [name, String(port)]));
    if (listeners.every((one) => one !== null)) return { settings, trunkPeer, standBy, firstPhone: first + phoneOffset, release: () => { holder.close(); } };
    await close(holder);
  }
  throw new Error(`Every block of ports from ${String(blocks[0]?.first)} on is in use, by other test runs or by something else`);
}

/** Ports for the phones of a test file, one at each call. Each file begins elsewhere: Asterisk may still have a word for the phones of the one before. */
export function phonePorts(firstPhone: number): () => number {
  let next = process.pid;
  return () => firstPhone + (next++ % phoneCount) * portsOfPhone;
}

function listen(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer().unref().on('error', () => resolve(null)); // somebody has it
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => { server.close(() => resolve()); });
}
