/** What we read of an ARI channel. */
export type AriChannel = {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly caller: { readonly number: string; readonly name: string };
  readonly dialplan: { readonly app_name: string; readonly app_data: string };
};

/** Our ARI application. */
export const application = 'hotline';

/** The Stasis arguments of a channel inside our application, as the dialplan or the originate gave them. */
export function stasisArgs(channel: AriChannel): string[] | null {
  const [app, ...args] = channel.dialplan.app_data.split(',');
  return channel.dialplan.app_name === 'Stasis' && app === application ? args : null;
}
