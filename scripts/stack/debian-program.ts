import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export type Program = { readonly command: string; readonly args: string[]; readonly env: Record<string, string> };

const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
const loader = process.arch === 'arm64' ? 'ld-linux-aarch64.so.1' : 'ld-linux-x86-64.so.2';

/** How to run an unpacked program: through the C library's loader that came with it, on its own libraries. */
export function debianProgram(root: string, path: string): Program {
  const libraries = join(root, 'usr/lib', triplet);
  const extra = existsSync(libraries) ? readdirSync(libraries, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name === 'pulseaudio').map((entry) => join(libraries, entry.name)) : [];
  return { command: join(libraries, loader), args: ['--library-path', [libraries, ...extra].join(':'), join(root, path)], env: {} };
}

export function moduleFolder(root: string): string {
  return join(root, 'usr/lib', triplet, 'asterisk/modules');
}
