import { Type, type Static } from 'typebox';

/** What we read of an ARI channel. */
export const AriChannel = Type.Object({
  id: Type.String(),
  name: Type.String(),
  state: Type.String(),
  caller: Type.Object({ number: Type.String(), name: Type.String() }),
  dialplan: Type.Object({ exten: Type.String(), app_name: Type.String(), app_data: Type.String() }),
});
export type AriChannel = Static<typeof AriChannel>;

/** Our ARI application. */
export const application = 'hotline';

/** The Stasis arguments of a channel inside our application, as the dialplan or the originate gave them. */
export function stasisArgs(channel: AriChannel): string[] | null {
  const [app, ...args] = channel.dialplan.app_data.split(',');
  return channel.dialplan.app_name === 'Stasis' && app === application ? args : null;
}
