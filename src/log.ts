import { pino, type DestinationStream, type Logger, type LoggerOptions, type SerializedError } from 'pino';

/**
 * Personal data is logged only under `pii.*`, and is redacted here: `138****1234` for numbers,
 * nothing at all for the rest. Messages are static sentences; values go into fields.
 */
export function createLogger(level: string, out: DestinationStream = patientOut(1)): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    serializers: { err: describeError },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ['pii.*', 'req.headers.cookie', 'req.headers.authorization', '*.password', '*.token'],
      censor: (value, path) => (path[0] === 'pii' && typeof value === 'string' ? maskNumber(value) : '[redacted]'),
    },
  };
  return pino(options, out);
}

/** Lines that cannot be written wait, up to so many bytes; those beyond are lost. */
const mostWaitingBytes = 1 << 20;

/**
 * Where lines go. A full disk, a reader that is slow or gone stops no call: pino's own destination would throw out of whatever was logging,
 * in the middle of a transaction. What waits is written with the next line for which there is room.
 */
export function patientOut(target: number | string): DestinationStream {
  const out = pino.destination({ dest: target, sync: true, maxLength: mostWaitingBytes, retryEAGAIN: () => false });
  let lost = 0;
  out.on('error', () => undefined); // nowhere to tell of it; what is lost is told of when lines can be written again
  out.on('drop', () => { lost += 1; });
  out.on('write', () => {
    if (lost === 0) return;
    const lines = lost;
    lost = 0;
    queueMicrotask(() => { out.write(`${JSON.stringify({ level: 40, time: new Date().toISOString(), lines, msg: 'Lines of the log were lost, for it could not be written' })}\n`); });
  });
  return out;
}

/**
 * What went wrong, without what somebody wrote: PostgreSQL's errors quote values in their message after a colon, and whole
 * rows in `detail` and `where`.
 */
function describeError(error: Error): SerializedError | object {
  const shown = pino.stdSerializers.err(error);
  if (!('severity' in error && 'routine' in error)) return shown;
  const quoted = /: ".*$/s;
  const stack = shown.stack.split('\n').filter((line) => /^\s+at /.test(line)).join('\n');
  const { code, table, column, constraint, routine } = shown as Readonly<Record<string, unknown>>;
  return { type: shown.type, message: shown.message.replace(quoted, ''), code, table, column, constraint, routine, stack };
}

/** A telephone number with its middle hidden; anything shorter than seven digits is hidden whole. */
export function maskNumber(value: string): string {
  return value.length < 7 ? '****' : `${value.slice(0, 3)}****${value.slice(-4)}`;
}
