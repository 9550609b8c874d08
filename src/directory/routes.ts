import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import type { App } from '../http/app-type.ts';
import { NullableString } from '../http/paging.ts';
import { problemResponses } from '../http/problem.ts';
import { listDirectory } from './queries.ts';

const EntryView = Type.Object({
  code: Type.String(), kind: Type.String(), nameZh: Type.String(), nameEn: Type.String(), number: Type.String(), keyedCode: NullableString, version: Type.Integer(),
});

export function registerDirectoryRoutes(app: App, deps: Deps): void {
  app.get('/api/directory', {
    config: { permission: 'directory.read' },
    schema: {
      summary: 'Whom an operator may bring into a call by one key',
      tags: ['directory'], response: { 200: Type.Object({ items: Type.Array(EntryView) }), ...problemResponses() },
    },
  }, async () => ({ items: await listDirectory(deps.pool) }));
}
