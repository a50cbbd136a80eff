import { InvalidArgumentError } from 'commander';

/** Reads an option that counts something. */
export function readCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`expected a whole number from 1, found "${text}"`);
}
