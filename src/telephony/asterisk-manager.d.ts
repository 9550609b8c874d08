declare module 'asterisk-manager' {
  type Item = Record<string, unknown>;
  type Manager = {
    connect(port: number, host: string, callback: (error: Error | null) => void): void;
    /** Logs in with the constructor's user and password. */
    login(callback: (error: unknown) => void): void;
    action(action: Readonly<Record<string, unknown>>, callback: (error: unknown, response: Item) => void): string;
    disconnect(callback?: () => void): void;
    on(event: 'managerevent', listener: (item: Item) => void): void;
    on(event: 'close' | 'end', listener: () => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    once(event: 'close', listener: () => void): void;
    removeAllListeners(): void;
  };
  /** Without a port it does not connect by itself. */
  const Manager: new (port: null, host: string, user: string, password: string, events: boolean) => Manager;
  export default Manager;
}
