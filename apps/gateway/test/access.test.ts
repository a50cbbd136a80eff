import { type Role, roles, type Scope, scopes } from '@weave-nn/clients';
import { describe, expect, test } from 'vitest';
import { lackOf, lackToGrant } from '../src/domain/access.ts';
import { type Need, needOf, passedOnRoutes, patternsOf } from '../src/domain/route-table.ts';

const caller = (role: Role, ...narrowed: Scope[]) => ({ id: 'key:x', role, scopes: narrowed });

describe('the route table', () => {
  const reader = (scope: Scope): Need => ({ role: 'reader', scope });
  const editor: Need = { role: 'editor', scope: 'files:write' };
  const admin: Need = { role: 'admin', scope: 'admin' };

  test.each<[string, string, Need | undefined]>([
    ['GET', '/v1/files', reader('files:read')],
    ['HEAD', '/v1/files/*', reader('files:read')],
    ['PUT', '/v1/files/*', editor],
    ['POST', '/v1/files/*', editor],
    ['PATCH', '/v1/files/*', editor],
    ['DELETE', '/v1/files/*', editor],
    ['POST', '/v1/files::*', editor],
    ['GET', '/v1/versions/*', reader('files:read')],
    ['POST', '/v1/versions::*', editor],
    ['GET', '/v1/search', reader('search:read')],
    ['GET', '/v1/graph/*', reader('search:read')],
    ['GET', '/v1/tags', reader('search:read')],
    ['GET', '/v1/events', reader('events:read')],
    ['GET', '/v1/dlq', admin],
    ['POST', '/v1/dlq/*', admin],
    ['DELETE', '/v1/dlq/*', admin],
    ['GET', '/v1/system', reader('system:read')],
    ['GET', '/v1/system/check', admin],
    ['POST', '/v1/system/rebuild', admin],
    ['GET', '/v1/auth/keys', admin],
    ['POST', '/v1/auth/keys', admin],
    ['DELETE', '/v1/auth/keys/:id', admin],
    ['GET', '/health', 'nothing'],
    ['GET', '/ready', 'nothing'],
    ['GET', '/metrics', 'nothing'],
    ['GET', '/openapi.json', 'nothing'],
    ['GET', '/docs', 'nothing'],
    ['GET', '/docs/static/*', 'nothing'],
    ['POST', '/docs', undefined],
    ['POST', '/v1/search', undefined],
    ['DELETE', '/v1/system', undefined],
    ['OPTIONS', '/v1/files', undefined],
    ['TRACE', '/v1/files', undefined],
    ['GET', '/v1', undefined],
    ['GET', '/v1/filesystem', undefined],
    ['GET', '/v1/system/other', undefined],
    ['GET', '/healthy', undefined],
    ['GET', '/internal/manifest', undefined],
    ['GET', '*', undefined],
    ['GET', '', undefined],
  ])('says of %s %s what it needs, and what it does not name is for nobody', (method, pattern, need) => {
    expect(needOf(method, pattern)).toEqual(need);
  });

  test('names nothing for a request that no route is there for', () => {
    expect(needOf('GET', undefined)).toBeUndefined();
  });

  test('opens nothing that is passed on', () => {
    for (const route of passedOnRoutes) {
      for (const pattern of patternsOf(route)) {
        for (const method of Object.keys(route.needs)) expect(needOf(method, pattern)).not.toBe('nothing');
      }
    }
  });

  test('lets nobody below an editor change anything', () => {
    for (const { needs } of passedOnRoutes) {
      for (const [method, need] of Object.entries(needs)) {
        const isRead = method === 'GET' || method === 'HEAD';
        expect(need).toMatchObject({ role: isRead ? expect.any(String) : expect.stringMatching(/^(editor|admin)$/) });
      }
    }
  });
});

describe('a caller', () => {
  test.each<[Role, Role, boolean]>([
    ['reader', 'reader', true],
    ['reader', 'editor', false],
    ['reader', 'admin', false],
    ['editor', 'reader', true],
    ['editor', 'editor', true],
    ['editor', 'admin', false],
    ['admin', 'reader', true],
    ['admin', 'editor', true],
    ['admin', 'admin', true],
  ])('with the role %s and no scopes, where %s is needed, is let in: %s', (role, least, isLetIn) => {
    const lack = lackOf(caller(role), { role: least, scope: 'files:read' });
    expect(lack).toBe(isLetIn ? undefined : 'role-too-low');
  });

  test('with scopes is let in by those alone, whatever its role', () => {
    for (const role of roles) {
      for (const scope of Object.keys(scopes) as Scope[]) {
        const lack = lackOf(caller(role, 'search:read', 'events:read'), { role: 'reader', scope });
        expect(lack).toBe(scope === 'search:read' || scope === 'events:read' ? undefined : 'scope-missing');
      }
    }
  });

  test('gets no more by a scope than its role allows', () => {
    expect(lackOf(caller('reader', 'files:write'), { role: 'editor', scope: 'files:write' })).toBe('role-too-low');
    expect(lackOf(caller('editor', 'admin'), { role: 'admin', scope: 'admin' })).toBe('role-too-low');
  });

  test.each<[string, ReturnType<typeof caller>, { role: Role; scopes: Scope[] }, string | undefined]>([
    ['its own role', caller('editor'), { role: 'editor', scopes: [] }, undefined],
    ['a lower role', caller('admin'), { role: 'reader', scopes: ['files:read'] }, undefined],
    ['a higher role', caller('editor'), { role: 'admin', scopes: [] }, 'role-too-low'],
    ['some of its scopes', caller('admin', 'admin', 'files:read'), { role: 'admin', scopes: ['admin'] }, undefined],
    ['a scope it lacks', caller('admin', 'admin'), { role: 'admin', scopes: ['admin', 'files:read'] }, 'scope-missing'],
    ['all scopes when it has some', caller('admin', 'admin'), { role: 'reader', scopes: [] }, 'scope-missing'],
  ])('may hand on only what it has: %s', (_what, maker, granted, lack) => {
    expect(lackToGrant(maker, granted)).toBe(lack);
  });
});
