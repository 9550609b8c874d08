import { pino, type Logger } from 'pino';

/**
 * Personal data is logged only under `pii.*`, and is redacted here: `138****1234` for numbers,
 * nothing at all for the rest. Messages are static sentences; values go into fields.
 */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ['pii.*', 'req.headers.cookie', 'req.headers.authorization', '*.password', '*.token'],
      censor: (value, path) => (path[0] === 'pii' && typeof value === 'string' ? maskNumber(value) : '[redacted]'),
    },
  });
}

/** A telephone number with its middle hidden; anything shorter than seven digits is hidden whole. */
export function maskNumber(value: string): string {
  return value.length < 7 ? '****' : `${value.slice(0, 3)}****${value.slice(-4)}`;
}
