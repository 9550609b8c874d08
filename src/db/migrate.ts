import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import type { Logger } from 'pino';

const folder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Brings the schema up to date. Two at once: the later waits for the earlier, then finds nothing to do. */
export async function migrate(databaseUrl: string, log: Logger): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const done = await runner({ databaseUrl, dir: folder, migrationsTable: 'migrations', direction: 'up', checkOrder: true, log: () => undefined });
      for (const migration of done) log.info({ migration: migration.name }, 'Migrated the database');
      return;
    } catch (error) {
      if (attempt >= 60 || !/another migration is already running/i.test(String(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
