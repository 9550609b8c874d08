import type { Permission, Role } from './permissions.ts';

/** Who makes a request. */
export type Actor =
  | {
      readonly kind: 'user';
      readonly userId: string;
      readonly sessionId: string;
      readonly login: string;
      readonly displayName: string;
      readonly roles: readonly Role[];
      /** For whom of a government unit. */
      readonly unitId: string | null;
      readonly mustChangePassword: boolean;
      readonly permissions: ReadonlySet<Permission>;
    }
  | { readonly kind: 'token'; readonly tokenId: string; readonly permissions: ReadonlySet<Permission> };
export type UserActor = Extract<Actor, { kind: 'user' }>;
