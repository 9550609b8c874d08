import { readFile, rename, writeFile } from 'node:fs/promises';

/** A file of the folder that Asterisk reads as well; null when it is not there. */
export async function readIfThere(file: string): Promise<Buffer | null> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

/** Whole or not at all: Asterisk never reads half of it. */
export async function replaceFile(file: string, content: string | Buffer): Promise<void> {
  await writeFile(`${file}.part`, content, { mode: 0o644 });
  await rename(`${file}.part`, file);
}
