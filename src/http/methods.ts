import type { RouteOptions } from 'fastify';

type Methods = { add: (route: Pick<RouteOptions, 'method' | 'url'>) => void; of: (path: string) => string[] };

/** Which methods each address takes, to tell a wrong method from a wrong address. */
export function createMethods(): Methods {
  const known = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  return {
    add({ url, method }) {
      const pattern = url.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll(/:\w+/g, '[^/]+');
      const entry = known.get(url) ?? { pattern: new RegExp(`^${pattern}$`), methods: new Set<string>() };
      for (const one of [method].flat()) entry.methods.add(one);
      known.set(url, entry);
    },
    of(path) {
      const methods = [...known.values()].filter(({ pattern }) => pattern.test(path)).flatMap((entry) => [...entry.methods]);
      return [...new Set(methods)].sort();
    },
  };
}
