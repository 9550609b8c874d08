import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

export type ToolOptions = {
  readonly signal: AbortSignal;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  /** Gets what the program writes on file descriptor 3. */
  readonly onStatus?: (text: string) => void;
};
export type ToolEnd = { readonly isMissing: boolean; readonly isGood: boolean; readonly output: Buffer; readonly errors: string };

const setpriv = '/usr/bin/setpriv';

/**
 * Runs a program of the set-up to its end. It has a process group of its own, so that a terminal's Ctrl-C reaches only us, who then
 * end it with all it started. Where setpriv is there it also ends when we are killed, so that nothing works on behind the next start's back.
 * @throws the signal's reason, once the program is gone, when asked to stop.
 */
export async function runTool(command: string, args: readonly string[], { signal, cwd, env, uid, gid, onStatus }: ToolOptions): Promise<ToolEnd> {
  signal.throwIfAborted();
  const [program, ...words] = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', '--', command, ...args] : [command, ...args];
  const child = spawn(program ?? command, words, { detached: true, stdio: ['ignore', 'pipe', 'pipe', onStatus ? 'pipe' : 'ignore'], env: { ...process.env, ...env, LC_ALL: 'C' },
    ...(cwd ? { cwd } : {}), ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) });
  const output: Buffer[] = [];
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => { errors += chunk.toString(); });
  if (onStatus) child.stdio[3]?.on('data', (chunk: Buffer) => onStatus(chunk.toString()));
  const kill = (): void => {
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
  };
  signal.addEventListener('abort', kill);
  // 127: what setpriv and shells answer for a program that is not there.
  const status = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (code) => resolve(code ?? 1));
  });
  signal.removeEventListener('abort', kill);
  signal.throwIfAborted();
  return { isMissing: status === 127, isGood: status === 0, output: Buffer.concat(output), errors };
}
