import { createSocket } from 'node:dgram';

/** A-law: silence, and what is anything but. */
const [silence, loud] = [0xd5, 0x20];

/**
 * The ears and the mouth of a phone whose SIP is SIPp's: its RTP goes to this port (`mediaPort`). It speaks or sends silence, as a phone
 * does all the time, and tells whether it hears somebody.
 */
export async function voice(port: number) {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => { socket.bind(port, '127.0.0.1', resolve); });
  let heardAt = 0;
  socket.on('message', (packet) => {
    if (packet.subarray(12).filter((sample) => (sample | 0x80) < silence - 4 || (sample | 0x80) > silence + 4).length > 80) heardAt = Date.now();
  });
  let sequence = 0;
  let isSpeaking = false;
  let timer: NodeJS.Timeout | undefined;
  return {
    /** From now on RTP (RFC 3550, 20 ms of PCMA a packet) goes to Asterisk's port of that channel. */
    start: (to: number) => {
      timer ??= setInterval(() => {
        const packet = Buffer.alloc(172, isSpeaking ? loud : silence);
        // A tone of 1 kHz; a constant level would be none.
        if (isSpeaking) for (let index = 12; index < 172; index += 1) packet[index] = index % 8 < 4 ? loud : loud | 0x80;
        packet.writeUInt16BE(0x8008, 0);
        packet.writeUInt16BE(sequence & 0xffff, 2);
        packet.writeUInt32BE(sequence * 160, 4);
        packet.writeUInt32BE(port, 8);
        sequence += 1;
        socket.send(packet, to, '127.0.0.1');
      }, 20);
    },
    /** Nothing is sent, as by a phone that suppresses silence. */
    stop: () => {
      clearInterval(timer);
      timer = undefined;
    },
    speak: (on: boolean) => { isSpeaking = on; },
    /** Whether anything but silence came since that moment. */
    hasHeardSince: (moment: number) => heardAt > moment,
    close: () => { clearInterval(timer); socket.close(); },
  };
}
