/*
 * A supervisor listens through a copy of the operator's channel (ARI snoop) that shares a bridge with the supervisor's own channel.
 * Both are named after the supervisor's leg, so that whoever finds them knows whether they are still wanted.
 */
export function spyChannelId(legId: string): string {
  return `${legId}-snoop`;
}

export function spyBridgeId(legId: string): string {
  return `${legId}-spy`;
}

export function isSpyBridge(bridgeId: string): boolean {
  return bridgeId.endsWith('-spy');
}

/** What the copy says of itself when it enters our application. */
export function spyArgs(legId: string): string {
  return `spy,${legId}`;
}
