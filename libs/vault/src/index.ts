export { isVaultError, VaultError, type VaultErrorCode } from './errors.ts';
export { parseNote } from './parse.ts';
export type * from './types.ts';
