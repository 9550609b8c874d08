declare module 'asterisk-manager' {
  type Item = Record<string, unknown>;
  type Manager = {
    /** Both arguments go to net.createConnection as they are, so that the first may be its options. */
    connect(target: import('node:net').TcpNetConnectOpts & { readonly signal: AbortSignal }, host: undefined, callback: (error: Error | null) => void): void;
    /** Logs in with the constructor's user and password. */
    login(callback: (error: unknown) => void): void;
    action(action: Readonly<Record<string, unknown>>, callback: (error: unknown, response: Item) => void): string;
    /** A message as it was read: an answer or an event. */
    on(event: 'rawevent', listener: (item: Item) => void): void;
    on(event: 'close', listener: () => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    /** Gives an answer to the callback of its action. */
    emit(actionId: string, error: Item | undefined, response: Item): boolean;
    removeAllListeners(event?: 'rawevent'): void;
  };
  /** Without a port it does not connect by itself. */
  const Manager: new (port: null, host: string, user: string, password: string, events: boolean) => Manager;
  export default Manager;
}
