import fc, { type Arbitrary } from 'fast-check';
import type { Operation, Parameter } from './description.ts';
import { brokenJson, oddContents, oddEncodings, oddPaths, oddTexts, writeJson } from './odd-values.ts';
import { type Known, mutatedValuesOf, valuesOf } from './values.ts';

/** A request as it is sent, without its key. */
export interface FuzzRequest {
  operation: Operation;
  /** The path and query as they stand in the request line. */
  target: string;
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array | undefined;
}

/** A text as a URL has it; what is no Unicode is replaced, as browsers do. */
const encode = (text: string) => encodeURIComponent(text.toWellFormed());
const encodeSegments = (path: string) => path.split('/').map(encode).join('/');

const MAX_IN_A_URL = 6_000;

/** What Node would not take for the length of the request line has a test of its own. */
const fitting = (text: string) =>
  text.length <= MAX_IN_A_URL ? text : text.slice(0, MAX_IN_A_URL).replace(/%.?$/, '');

function toText(value: unknown): string {
  return typeof value === 'string' ? value : writeJson(value ?? null);
}

function pathParts({ name, schema }: Parameter, known: Known): Arbitrary<string> {
  const write = name === 'path' ? encodeSegments : encode;
  const candidates = { meant: known[name] ?? [], odd: name === 'path' ? oddPaths : oddTexts };
  return fc
    .oneof(
      { arbitrary: fc.constantFrom('missing', ...candidates.meant).map(write), weight: 8 },
      { arbitrary: valuesOf(schema, name, known).map((value) => write(toText(value))), weight: 2 },
      { arbitrary: fc.constantFrom(...candidates.odd, ...oddTexts).map(write), weight: 3 },
      // A slash within a part, and what means no text at all.
      { arbitrary: fc.constantFrom(...candidates.odd).map(encode), weight: 1 },
      { arbitrary: fc.constantFrom(...oddEncodings), weight: 1 },
    )
    .map(fitting);
}

function queryParts({ name, schema }: Parameter, known: Known): Arbitrary<string> {
  const one = fc.oneof(
    { arbitrary: valuesOf(schema, name, known).map((value) => `${name}=${encode(toText(value))}`), weight: 8 },
    { arbitrary: mutatedValuesOf(schema, name, known).map((value) => `${name}=${encode(toText(value))}`), weight: 4 },
    { arbitrary: fc.constantFrom(...oddEncodings).map((text) => `${name}=${text}`), weight: 1 },
    { arbitrary: fc.constantFrom(name, `${name}=`, `${name}[]=1`, `${name}[a]=1`), weight: 1 },
  );
  return fc
    .oneof({ arbitrary: one, weight: 9 }, { arbitrary: fc.tuple(one, one).map((two) => two.join('&')), weight: 1 })
    .map(fitting);
}

function queries(parameters: readonly Parameter[], known: Known): Arbitrary<string> {
  const parts = parameters.map((each) => fc.option(queryParts(each, known), { freq: each.required ? 9 : 1, nil: '' }));
  const unknown = fc.constantFrom('', '', '', '', '', 'unknown=1', '&&', '__proto__=1', '=');
  return fc.tuple(...parts, unknown).map((all) => {
    const text = all.filter((part) => part !== '').join('&');
    return text === '' ? '' : `?${fitting(text)}`;
  });
}

const headerChoices: Readonly<Record<string, readonly string[]>> = {
  accept: ['application/json', 'text/event-stream', '*/*', 'application/xml', ''],
  'if-match': ['*', '"x"', 'W/"x"', 'x', '"'],
  'if-none-match': ['*', '"x"', ', ,'],
  'if-modified-since': ['Tue, 01 Dec 2026 00:00:00 GMT', 'never'],
  range: ['bytes=0-0', 'bytes=-1', 'bytes=5-1', 'bytes=0-,5-9', 'bytes=999999999999999999999-', 'lines=1-2'],
  'idempotency-key': ['one', 'two', ' ', 'x'.repeat(1_000), '\u00e9'],
  'last-event-id': ['0', '1', '-1', '99999999999999999999', 'x'],
  'x-request-id': ['mine', 'a b', 'x'.repeat(500)],
  traceparent: ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'nonsense'],
  'accept-encoding': ['gzip', 'br;q=x'],
  'content-encoding': ['gzip', 'identity'],
};

const headers = fc.oneof(
  { arbitrary: fc.constant({}), weight: 2 },
  {
    arbitrary: fc.record(
      Object.fromEntries(Object.entries(headerChoices).map(([name, values]) => [name, fc.constantFrom(...values)])),
      { requiredKeys: [], noNullPrototype: true },
    ),
    weight: 1,
  },
) as Arbitrary<Record<string, string>>;

type Body = { contentType: string | undefined; bytes: string | Uint8Array | undefined };

const contentTypes = [
  'application/json',
  'application/json; charset=utf-16',
  'text/plain',
  'text/markdown',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'application/octet-stream',
  '\u00e9/x;;',
];

function bodies({ method, bodySchema }: Operation, known: Known): Arbitrary<Body> {
  const none = fc.constant<Body>({ contentType: undefined, bytes: undefined });
  if (method === 'GET') return none;
  const json = (bytes: string): Body => ({ contentType: 'application/json', bytes });
  const stray = fc.record({
    contentType: fc.constantFrom(...contentTypes, undefined),
    bytes: fc.constantFrom<string | Uint8Array>(...brokenJson, ...oddContents),
  });
  if (bodySchema) {
    return fc.oneof(
      { arbitrary: mutatedValuesOf(bodySchema, '', known).map((value) => json(writeJson(value))), weight: 10 },
      { arbitrary: fc.constantFrom(...brokenJson).map(json), weight: 1 },
      { arbitrary: stray, weight: 1 },
      { arbitrary: none, weight: 1 },
    );
  }
  const content = fc.constantFrom<string | Uint8Array>(...oddContents);
  const raw = content.map((bytes): Body => ({ contentType: 'text/markdown', bytes }));
  if (method === 'PUT') return fc.oneof({ arbitrary: raw, weight: 6 }, { arbitrary: stray, weight: 1 });
  return fc.oneof({ arbitrary: none, weight: 3 }, { arbitrary: raw, weight: 2 }, { arbitrary: stray, weight: 1 });
}

/** Makes requests of an operation: valid ones, nearly valid ones, and such that nobody would send by mistake. */
export function requestsOf(operation: Operation, known: Known): Arbitrary<FuzzRequest> {
  const inPath = operation.parameters.filter((each) => each.in === 'path');
  const inQuery = operation.parameters.filter((each) => each.in === 'query');
  return fc
    .record({
      parts: fc.tuple(...inPath.map((each) => pathParts(each, known))),
      query: queries(inQuery, known),
      headers,
      body: bodies(operation, known),
    })
    .map(({ parts, query, headers: chosen, body: { contentType, bytes } }) => {
      const path = inPath.reduce(
        (text, { name }, index) => text.replace(`{${name}}`, () => parts[index] ?? ''),
        operation.path,
      );
      return {
        operation,
        target: path + query,
        headers: contentType === undefined ? chosen : { ...chosen, 'content-type': contentType },
        body: bytes,
      };
    });
}
