import { startSystem, type TestSystem } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { services } from '../src/services.ts';
import { hasBrowser, renderPage } from './fixture/browser.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem({ definitions: services, files: { 'A.md': 'a\n' } });
});
afterAll(() => system.stop());

const read = (path: string) => fetch(new URL(path, system.url));

async function describedPaths(): Promise<string[]> {
  const { paths } = (await (await read('/openapi.json')).json()) as { paths: object };
  return Object.keys(paths);
}

describe('the page that shows the API', () => {
  test.each(['/docs', '/docs/'])('at %s loads only what is there, without a key', async (path) => {
    const page = await read(path);
    expect(page.headers.get('content-type')).toContain('text/html');
    const html = await page.text();
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link as string);
    expect(links.length).toBeGreaterThan(4);
    for (const link of links) {
      const { pathname } = new URL(link, new URL(path, system.url));
      const { status, headers } = await read(pathname);
      expect(status, pathname).toBe(200);
      const kind = { js: 'javascript', css: 'text/css', png: 'image/png' }[pathname.split('.').at(-1) as 'js'];
      expect(headers.get('content-type'), pathname).toContain(kind);
    }
  });

  test('reads the description of the whole system, whatever address it takes it from', async () => {
    const whole = (await (await read('/openapi.json')).json()) as { paths: object };
    const initializer = await (await read('/docs/static/swagger-initializer.js')).text();
    const [, document] = /url: resolveUrl\('([^']+)'\)/.exec(initializer) ?? [];
    expect(await (await read(new URL(document as string, `${system.url}/docs/`).pathname)).json()).toEqual(whole);
    expect(await (await read('/docs/json')).json()).toEqual(whole);
    expect(parse(await (await read('/docs/yaml')).text())).toEqual(whole);
    expect(Object.keys(whole.paths)).toContain('/v1/git/history');
  });

  test('is shown over plain HTTP, by scripts and styles of its own', async () => {
    const { headers } = await read('/docs/');
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(policy).not.toContain('https:');
  });

  test.skipIf(!hasBrowser)('shows every route in a browser (skipped where Chromium is not installed)', async () => {
    const html = await renderPage(`${system.url}/docs`);
    const shown = new Set([...html.matchAll(/data-path="([^"]+)"/g)].map(([, path]) => path));
    expect([...shown].sort()).toEqual((await describedPaths()).sort());
  });
});
