/** An answer with its body read. */
export interface ApiAnswer {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
  json: any;
}

export interface Api {
  url: string;
  /** Sends a request with the key. */
  call(path: string, init?: RequestInit): Promise<ApiAnswer>;
  put(path: string, body: string | Uint8Array, headers?: Record<string, string>): Promise<ApiAnswer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<ApiAnswer>;
  /** The paths a search finds, in its order. */
  search(query: string): Promise<string[]>;
}

const MAX_CALL_MS = 30_000;

/** A vault path as a URL has it. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** Speaks HTTP to a system under test. */
export function createApi(url: string, key: string): Api {
  async function call(path: string, init: RequestInit = {}): Promise<ApiAnswer> {
    const headers = { authorization: `Bearer ${key}`, ...(init.headers as Record<string, string>) };
    const answer = await fetch(url + path, { ...init, headers, signal: AbortSignal.timeout(MAX_CALL_MS) });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      get json() {
        return JSON.parse(text);
      },
    };
  }
  return {
    url,
    call,
    put: (path, body, headers = {}) =>
      call(`/v1/files/${encodePath(path)}`, { method: 'PUT', headers, body: body as RequestInit['body'] & string }),
    post: (path, body, headers = {}) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    async search(query) {
      const { json } = await call(`/v1/search?q=${encodeURIComponent(query)}&limit=1000`);
      return json.items.map(({ path }: { path: string }) => path);
    },
  };
}
