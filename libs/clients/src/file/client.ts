import { callJson, encodePath, type Transport } from '../transport/call.ts';
import type { FileApi } from './api.ts';
import type { ChangedFile, DryRunResult, FileState, FileStatus, ManifestItem, Note, Verification } from './schemas.ts';

const MANIFEST_PAGE = 1000;
/** Files that are asked for at a time. */
const MAX_READ = 500;
/** Reads or changes many files of the vault. */
const LONG = 120_000;

/** The file service behind any transport. */
export function createFileClient(transport: Transport): FileApi {
  return {
    async read(paths) {
      const states: FileState[] = [];
      for (let start = 0; start < paths.length; start += MAX_READ) {
        const body = { paths: paths.slice(start, start + MAX_READ) };
        const call = { method: 'POST', url: '/internal/files:read', body, idempotent: true } as const;
        states.push(...(await callJson<{ states: FileState[] }>('file', transport, call)).states);
      }
      return states;
    },
    async *manifest() {
      let cursor: string | null = '';
      while (cursor !== null) {
        const url: string = `/internal/manifest?limit=${MANIFEST_PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
        const page: { items: ManifestItem[]; nextCursor: string | null } = await callJson('file', transport, {
          method: 'GET',
          url,
        });
        yield page.items;
        cursor = page.nextCursor;
      }
    },
    note: async (path) =>
      callJson<Note>('file', transport, {
        method: 'GET',
        url: `/v1/files/${encodePath('file', path)}`,
        accept: 'application/json',
      }),
    async change(operations, origin = 'api') {
      const body = { operations, origin };
      const call = { method: 'POST', url: '/internal/files:apply', body, timeout: LONG } as const;
      return (await callJson<{ changed: ChangedFile[] }>('file', transport, call)).changed;
    },
    async preview(operations) {
      const body = { operations, origin: 'api', dryRun: true };
      const call = { method: 'POST', url: '/internal/files:apply', body, idempotent: true, timeout: LONG } as const;
      return (await callJson<DryRunResult>('file', transport, call)).changes;
    },
    status: () => callJson<FileStatus>('file', transport, { method: 'GET', url: '/internal/status' }),
    verify: () =>
      callJson<Verification>('file', transport, { method: 'GET', url: '/internal/verification', timeout: LONG }),
  };
}
