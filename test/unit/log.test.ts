import { spawnSync } from 'node:child_process';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/log.ts';

describe('the log tells what happened and nothing about citizens', () => {
  /** What one line of the log says. */
  const lineOf = (fields: object): string => {
    let written = '';
    const out = new Writable({ write(chunk: Buffer, _encoding, done) { written += chunk.toString(); done(); } });
    createLogger('info', out).info(fields, 'Something happened');
    return written;
  };

  it('hides what PostgreSQL quotes of a row that failed', () => {
    const error = Object.assign(new Error('invalid input syntax for type json: "举报人甲 13911117001"'), {
      severity: 'ERROR', code: '22P02', detail: 'Failing row contains (举报人甲, 13911117001).', where: 'JSON data, line 1: {"citizenName":"举报人甲"',
      table: 'case_drafts', routine: 'json_errsave_error',
    });
    const line = lineOf({ err: error });
    expect(line).not.toMatch(/举报人甲|13911117001/);
    expect(JSON.parse(line)).toMatchObject({ err: { code: '22P02', table: 'case_drafts', message: 'invalid input syntax for type json' } });
  });

  it('keeps a constraint’s name, which says what to mend', () => {
    const error = Object.assign(new Error('new row for relation "cases" violates check constraint "cases_check5"'), { severity: 'ERROR', routine: 'ExecConstraints', code: '23514' });
    expect(lineOf({ err: error })).toContain('cases_check5');
  });

  it('masks numbers, and hides names, passwords and cookies', () => {
    const line = lineOf({ pii: { number: '13911117001', name: '张三' }, user: { password: 'secret' }, req: { headers: { cookie: 'session' } } });
    expect(line).not.toMatch(/13911117001|张三|secret|session/);
    expect(line).toContain('139****7001');
  });
});

describe('a log that cannot be written', () => {
  /** A service that logs to `out`, in a process of its own: what it says of itself in the end. */
  const service = (out: string, lines: number): string => spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', `
    import { createLogger, patientOut } from './src/log.ts';
    const log = createLogger('info', patientOut(${JSON.stringify(out)}));
    for (let line = 0; line < ${lines}; line += 1) log.info({ text: 'x'.repeat(1000) }, 'Something happened');
    setTimeout(() => process.stdout.write('goes on ' + process.memoryUsage().rss), 100);
  `], { encoding: 'utf8' }).stdout;

  it('stops nothing when the disk is full, and does not grow', () => {
    const [, , bytes] = service('/dev/full', 50_000).split(' ');
    expect(Number(bytes)).toBeGreaterThan(0);
    expect(Number(bytes)).toBeLessThan(300 * 2 ** 20);
  });
});
