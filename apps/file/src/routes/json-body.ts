import { type App, readJsonBodies } from '@weave-nn/service';
import { FileError } from '../errors.ts';

const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Shorter numbers without an exponent are always exact. */
const MAY_BE_INEXACT = /[\d.]{16}|\d[eE]/;

/** A number as written, as its digits and the power of ten they are multiplied by; `null` for what is no number. */
function decimalOf(written: string): string | null {
  const [, whole, fraction = '', exponent = '0'] = NUMBER.exec(written) ?? [];
  if (whole === undefined) return null;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

function refuseInexact(_key: string, value: unknown, ...[context]: [{ source?: string }?]): unknown {
  const source = context?.source;
  if (typeof value === 'number' && source !== undefined && decimalOf(source) !== decimalOf(String(value))) {
    const shown = source.length > 60 ? `${source.slice(0, 60)}…` : source;
    throw new FileError(
      'number-inexact',
      `the number ${shown} in the body cannot be kept exactly, it would become ${value}; write it as text, in quotes`,
    );
  }
  return value;
}

/**
 * Makes the service read JSON bodies without rounding: a number that a double (IEEE 754) cannot hold, such as an
 * integer beyond 2^53, is refused with `number-inexact` instead of reaching a note as another one.
 */
export function readJsonExactly(app: App): void {
  readJsonBodies(app, {
    check(json) {
      if (MAY_BE_INEXACT.test(json)) JSON.parse(json, refuseInexact);
    },
  });
}
