/** The part of `smpp` that is used; the package brings no types. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  export type Pdu = { readonly command: string; readonly command_status: number; readonly sequence_number: number; readonly message_id?: string; readonly short_message?: { readonly message?: unknown } | Buffer; readonly message_payload?: { readonly message?: unknown } | Buffer;
    readonly receipted_message_id?: string; readonly message_state?: number; readonly esm_class?: number; readonly source_addr?: string; readonly destination_addr?: string; readonly data_coding?: number; readonly registered_delivery?: number; readonly validity_period?: unknown;
    readonly system_id?: string; readonly password?: string; response(options?: object): Pdu };
  export class Session extends EventEmitter {
    send(pdu: Pdu): boolean;
    bind_transceiver(options: object, onAnswer: (pdu: Pdu) => void): boolean;
    submit_sm(options: object, onAnswer: (pdu: Pdu) => void): boolean;
    deliver_sm(options: object, onAnswer?: (pdu: Pdu) => void): boolean;
    enquire_link(options: object, onAnswer: (pdu: Pdu) => void): boolean;
    unbind(options: object, onAnswer: (pdu: Pdu) => void): boolean;
    destroy(): void;
    close(): void;
  }
  export function connect(options: { host: string; port: number; tls?: boolean }): Session;
  export function createServer(onSession: (session: Session) => void): import('node:net').Server;
}
