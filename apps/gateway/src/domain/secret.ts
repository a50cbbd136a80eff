import { hash, randomBytes } from 'node:crypto';

const BYTES = 32;
const form = /^weave_[0-9a-f]{32}_[\w-]{43}$/;
const idForm = /^[0-9a-f]{32}$/;

/** A key that was just made: what lets in, and what is kept of it. */
export interface Secret {
  id: string;
  /** `weave_<id>_<43 random characters>`; shown once and kept nowhere. */
  secret: string;
  /** How it begins, for people to tell it from others. */
  prefix: string;
  /** What it is found by. */
  hash: string;
}

/** @param uuid a new one; ids are in the order of their making when it is a UUIDv7 */
export function makeSecret(uuid: string): Secret {
  const id = uuid.replaceAll('-', '');
  const prefix = `weave_${id}`;
  const secret = `${prefix}_${randomBytes(BYTES).toString('base64url')}`;
  return { id, secret, prefix, hash: digestOf(secret) };
}

/** SHA-256 of a key, in hexadecimal. It needs no salt and no slowness, since a key is 256 bits of chance. */
export function digestOf(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Whether a text can be a key that was made here. */
export function hasSecretForm(text: string): boolean {
  return form.test(text);
}

/** Whether a text can be the id of a key. */
export function hasIdForm(text: string): boolean {
  return idForm.test(text);
}

/** The key of an `Authorization` header, undefined when it has none. The scheme's case does not matter (RFC 9110). */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +([^\s]+) *$/i.exec(authorization ?? '')?.[1];
}
