import { pino, type Logger } from 'pino';

export type LogLine = { readonly level: number; readonly msg: string; readonly err?: { readonly message: string } };

/** A logger whose lines a test can read; `text` is everything it wrote. */
export function capturedLog(): { readonly log: Logger; readonly lines: LogLine[]; readonly text: () => string } {
  const written: string[] = [];
  const lines: LogLine[] = [];
  const log = pino({ level: 'debug', base: null }, {
    write: (line: string) => {
      written.push(line);
      lines.push(JSON.parse(line) as LogLine);
    },
  });
  return { log, lines, text: () => written.join('') };
}
