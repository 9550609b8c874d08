import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Who a citizen is, as it was given. */
export type Secret = { readonly phoneRaw: string; readonly phone: string | null; readonly citizenName: string | null };
export type Sealed = { readonly keyId: string; readonly sealed: Buffer };

type Key = { readonly id: string; readonly seal: Buffer; readonly index: Buffer };
const [nonceBytes, tagBytes, keyBytes] = [12, 16, 32];

/**
 * Seals with the first key and opens with each: AES-256-GCM (NIST SP 800-38D) under a key derived by HKDF (RFC 5869), bound to the case, so that
 * what is sealed cannot be put into another case. Numbers are found by an HMAC-SHA-256 (RFC 2104) under another derived key.
 */
export class Vault {
  readonly #keys: readonly Key[];

  /** `text`: `id:base64,id:base64`, the newest first. @throws Error that says what is wrong with it. */
  constructor(text: string) {
    this.#keys = text.split(',').map((part) => {
      const [id = '', secret = ''] = part.trim().split(':');
      const bytes = Buffer.from(secret, 'base64');
      if (!/^[A-Za-z0-9-]{1,32}$/.test(id) || bytes.length !== keyBytes) throw new Error(`HOTLINE_IDENTITY_KEYS must be id:key[,id:key], each key ${keyBytes} bytes in base64 (openssl rand -base64 ${keyBytes})`);
      const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', bytes, Buffer.alloc(0), `hotline12345 identity ${purpose}`, keyBytes));
      return { id, seal: derive('seal'), index: derive('index') };
    });
    if (new Set(this.#keys.map((key) => key.id)).size !== this.#keys.length) throw new Error('HOTLINE_IDENTITY_KEYS names a key twice');
  }

  /** The key that seals now. */
  get currentId(): string {
    return this.#current.id;
  }

  has(keyId: string): boolean {
    return this.#keys.some((key) => key.id === keyId);
  }

  seal(caseId: string, { phoneRaw, phone, citizenName }: Secret): Sealed {
    return { keyId: this.#current.id, sealed: this.sealText(caseId, JSON.stringify([phoneRaw, phone, citizenName])) };
  }

  /** @throws Error for a key that is not there, and for what was changed or belongs to another case. */
  open(caseId: string, { keyId, sealed }: Sealed): Secret {
    const [phoneRaw, phone, citizenName] = JSON.parse(this.openText(caseId, { keyId, sealed })) as [string, string | null, string | null];
    return { phoneRaw, phone, citizenName };
  }

  sealText(bound: string, text: string): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#current.seal, nonce).setAAD(Buffer.from(bound));
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  }

  openText(bound: string, { keyId, sealed }: Sealed): string {
    const key = this.#keys.find((one) => one.id === keyId);
    if (!key) throw new Error(`no identity key ${keyId}`);
    const decipher = createDecipheriv('aes-256-gcm', key.seal, sealed.subarray(0, nonceBytes)).setAAD(Buffer.from(bound)).setAuthTag(sealed.subarray(-tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString('utf8');
  }

  /** By what a number is found that is sealed now; null for none. */
  indexOf(phone: string | null): Buffer | null {
    return phone === null ? null : hmac(this.#current, phone);
  }

  /** The same under each key, for rows that were sealed before the newest. */
  indexesOf(phone: string): Buffer[] {
    return this.#keys.map((key) => hmac(key, phone));
  }

  get #current(): Key {
    const [first] = this.#keys;
    if (!first) throw new Error('a vault without keys');
    return first;
  }
}

function hmac(key: Key, phone: string): Buffer {
  return createHmac('sha256', key.index).update(phone).digest();
}

let opened: Vault | null = null;

/** One vault a process, opened before anything else: as with the database's own types, whatever reads identities needs it. */
export function openVault(text: string): Vault {
  opened = new Vault(text);
  return opened;
}

export function vault(): Vault {
  if (!opened) throw new Error('the vault of identities was not opened');
  return opened;
}
