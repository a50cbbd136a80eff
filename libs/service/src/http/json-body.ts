import { ProblemError } from '../errors.ts';
import type { App } from './fastify-app.ts';

/** Arrays and objects within each other. What goes through a value calls itself for each, and has a stack that ends. */
const MAX_DEPTH = 100;

/** Whether a JSON text has more arrays and objects within each other than `most`; what is no JSON is not judged. */
export function isDeeperThan(json: string, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case 0x22: // A text, whose brackets do not count.
        at = endOfText(json, at);
        break;
      case 0x5b:
      case 0x7b:
        if (++depth > most) return true;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
    }
  }
  return false;
}

/** The place of the quote that ends a text; the end of everything when none does. */
function endOfText(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return json.length;
}

export interface JsonBodyOptions {
  /** Media types that are JSON besides `application/json`. */
  types?: readonly string[];
  /** Takes an empty body for none, whatever its type is said to be. */
  mayBeEmpty?: boolean;
  /** May refuse a text that has been parsed, by throwing. */
  check?(json: string): void;
}

/**
 * Makes an app read JSON bodies; `__proto__` and `constructor.prototype` are refused. Called again, it replaces how the
 * app did so before.
 *
 * @throws ProblemError 400 `body-too-deep`, of each request that has such a body
 */
export function readJsonBodies(
  app: App,
  { types = [], mayBeEmpty = false, check = () => undefined }: JsonBodyOptions = {},
): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser(['application/json', ...types], { parseAs: 'string' }, (request, body, done) => {
    const json = body as string;
    if (json === '' && mayBeEmpty) return done(null, undefined);
    if (isDeeperThan(json, MAX_DEPTH)) {
      const detail = `The body has more than ${MAX_DEPTH} arrays and objects within each other; send a flatter one.`;
      return done(new ProblemError(400, 'body-too-deep', detail));
    }
    parse(request, json, (error, parsed) => {
      if (error) return done(error);
      try {
        check(json);
      } catch (refused) {
        return done(refused as Error);
      }
      done(null, parsed);
    });
  });
}
