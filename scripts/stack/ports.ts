import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { SetupError, type Settings } from './settings.ts';

/** Every port that the embedded parts and the service are going to listen on must be free: refused early and clearly. */
export async function requireFreePorts(settings: Settings, env: NodeJS.ProcessEnv): Promise<void> {
  const { ports, listen } = settings;
  const local = '127.0.0.1';
  await requireFree(ports.http, listen, 'HOTLINE_HTTP_PORT', 'tcp');
  if (!env['DATABASE_URL']) await requireFree(ports.postgres, local, 'HOTLINE_POSTGRES_PORT', 'tcp');
  if (!env['REDIS_URL']) await requireFree(ports.redis, local, 'HOTLINE_REDIS_PORT', 'tcp');
  if (env['ASTERISK_ARI_URL']) return;
  await requireFree(ports.ari, local, 'HOTLINE_ARI_PORT', 'tcp');
  await requireFree(ports.ami, local, 'HOTLINE_AMI_PORT', 'tcp');
  await requireFree(ports.seatSip, listen, 'HOTLINE_SEAT_SIP_PORT', 'tcp');
  await requireFree(ports.trunkSip, listen, 'HOTLINE_TRUNK_SIP_PORT', 'udp');
  await requireFree(ports.seatSip, listen, 'HOTLINE_SEAT_SIP_PORT', 'udp');
}

/** `addressSetting` is what to change when `host` is not here. */
export async function requireFree(port: number, host: string, setting: string, protocol: 'tcp' | 'udp', addressSetting = 'HOTLINE_LISTEN'): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(new SetupError(reason(error.code, { port, host, setting, protocol, addressSetting })));
    if (protocol === 'tcp') {
      const server = createServer().on('error', onError);
      server.listen(port, host, () => server.close(() => resolve()));
    } else {
      const socket = createSocket('udp4').on('error', onError);
      socket.bind(port, host, () => socket.close(() => resolve()));
    }
  });
}

type Wanted = { port: number; host: string; setting: string; protocol: string; addressSetting: string };

function reason(code: string | undefined, { port, host, setting, protocol, addressSetting }: Wanted): string {
  if (code === 'EADDRINUSE') return `${protocol.toUpperCase()} port ${port} is in use. Free it, or choose another by ${setting}.`;
  if (code === 'EACCES') return `Port ${port} is for root only. Choose one above 1023 by ${setting}.`;
  return `${addressSetting}=${host} is no address of this machine. Give one of \`ip address\`, or leave it out for 127.0.0.1.`;
}

/** A UDP port of 127.0.0.1 that nobody uses now. */
export async function freeUdpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4').on('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

export async function answersTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => { socket.destroy(); resolve(true); });
    socket.on('error', () => resolve(false));
  });
}
