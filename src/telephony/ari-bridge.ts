/** What we read of an ARI bridge. */
export type AriBridge = { readonly id: string; readonly name: string; readonly creator: string; readonly channels: readonly string[] };

/** Ours are named as their call, or the supervisor's leg, which is their id as well. */
export function isOurs(bridge: AriBridge): boolean {
  return bridge.creator === 'Stasis' && bridge.name === bridge.id;
}
