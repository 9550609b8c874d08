import { inject } from 'vitest';
import type { Place } from './own-stack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    places: Place[];
  }
}

/** The hotline of the worker that runs this file. */
export function placeOfWorker(): Place {
  const place = inject('places')[Number(process.env['VITEST_POOL_ID']) - 1];
  if (!place) throw new Error('this worker has no hotline of its own');
  return place;
}
