import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from './until.ts';

/** Payload type of telephone-event in the scenarios' SDP. */
const payloadType = 101;
/** Samples between two packets, at 8 kHz: 20 ms. */
const step = 160;
const keys = '0123456789*#';

type Keypad = { readonly port: number; readonly press: (digits: string) => Promise<void>;
  /** Keys of the other side that came as telephone-events, each once. */ readonly heard: () => string; readonly close: () => void };

/**
 * The keys of a phone, and its ear for those of others: SIPp says in its SDP that its audio goes to `port`, and the keys are sent from
 * there, to wherever Asterisk's audio came from. Source: RFC 4733 (event, end bit and volume, duration; each end three times).
 */
export async function openKeypad(): Promise<Keypad> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  let far: { address: string; port: number } | undefined;
  /** By the event's time: an event is many packets, and its end is told three times. */
  const heard = new Map<number, string>();
  socket.on('message', (packet, from) => {
    far = from;
    if (((packet[1] ?? 0) & 0x7f) === payloadType && packet.length >= 16) heard.set(packet.readUInt32BE(4), keys[packet[12] ?? 0] ?? '');
  });
  let sequence = 1;
  let timestamp = step;
  const press = async (digits: string): Promise<void> => {
    const to = await until(() => far, 'Asterisk sends audio');
    for (const digit of digits) {
      timestamp += 4_000;
      for (let packet = 1; packet <= 7; packet += 1) {
        const event = Buffer.from([keys.indexOf(digit), packet > 4 ? 0x8a : 0x0a, 0, 0]);
        event.writeUInt16BE(Math.min(packet, 5) * step, 2);
        await send(socket, to, Buffer.concat([header(packet === 1, sequence += 1, timestamp), event]));
        await pause(20);
      }
      await pause(60);
    }
  };
  return { port: socket.address().port, press, heard: () => [...heard.values()].join(''), close: () => socket.close() };
}

function header(isFirst: boolean, sequence: number, timestamp: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt8(0x80, 0);
  bytes.writeUInt8((isFirst ? 0x80 : 0) | payloadType, 1);
  bytes.writeUInt16BE(sequence, 2);
  bytes.writeUInt32BE(timestamp, 4);
  bytes.writeUInt32BE(0x1234_5678, 8);
  return bytes;
}

function send(socket: Socket, to: { address: string; port: number }, packet: Buffer): Promise<void> {
  return new Promise((resolve, reject) => socket.send(packet, to.port, to.address, (error) => (error ? reject(error) : resolve())));
}
