import type { Api } from '../api.ts';
import type { Known } from './values.ts';

/** The notes that a vault should have before it is fuzzed. */
export const fuzzFiles: Readonly<Record<string, string>> = {
  'Note.md':
    '---\nstatus: open\ntags: [garden]\n---\n# Title\n\nTo [[Other]] and [[Folder/Deep]] #seeds\n\n## Next\n\n- [ ] Water it \u{1f4c5} 2026-12-01\n- [ ] Sow \u{1f194} sow\n\ntext ^block\n',
  'Other.md': '# Other\n\nBack to [[Note]] and [[Nowhere]].\n',
  'Folder/Deep.md': '# Deep\n\n- [x] done \u2705 2026-01-01\n',
  'Folder/\u00dcn\u00efc\u00f6de \u{1f331}.md': 'odd name\n',
  'data.json': '{"a":1}\n',
};

const written = {
  path: [...Object.keys(fuzzFiles), 'Folder', 'Missing.md', 'New/Made.md', 'New.md'],
  folder: ['Folder', 'New', 'Missing', ''],
  glob: ['*.md', '**/*.md', 'Folder/*', '{Note,Other}.md'],
  tag: ['garden', 'seeds', '#garden'],
  q: ['title', '"odd name"', 'wat*', 'a OR b', '-title', 'tag:garden'],
  heading: ['Title', 'Next'],
  block: ['block', '^block'],
  frontmatter: ['status', 'tags'],
  at: ['HEAD', 'HEAD~1', 'main'],
  type: ['vault.file.*', 'task.*', 'vault.file.created', '*'],
  after: ['0', '1'],
  title: ['A task', 'Plan \u{1f4c5}'],
  recurrence: ['every week', 'every 2 days when done'],
  externalId: ['sow', 'water'],
  assignee: ['ana'],
  status: ['todo', 'done', 'cancelled'],
  queue: ['mcp_sync', 'task_sync'],
};

// biome-ignore lint/suspicious/noExplicitAny: what lists answer has many shapes
function textsIn(value: any, name: string): string[] {
  if (value === null || typeof value !== 'object') return [];
  const own = typeof value[name] === 'string' ? [value[name] as string] : [];
  return [...own, ...Object.values(value).flatMap((inner) => textsIn(inner, name))];
}

/** Makes a task, a project, a key and a commit, and collects the ids, hashes and cursors that a system hands out. */
export async function collectKnown(api: Api): Promise<Known> {
  await api.post('/v1/projects', { name: 'Garden' });
  await api.post('/v1/tasks', { title: 'Free', tags: ['garden'] });
  await api.post('/v1/auth/keys', { name: 'reader', role: 'reader' });
  await api.put('Note.md', `${fuzzFiles['Note.md']}more\n`);
  await api.post('/v1/git/commit', { message: 'For the fuzz' });
  const lists = await Promise.all(
    [
      '/v1/files?limit=1',
      '/v1/versions/Note.md?limit=1',
      '/v1/tasks?limit=1',
      '/v1/tasks',
      '/v1/projects?limit=1',
      '/v1/auth/keys?limit=1',
      '/v1/git/history?limit=1',
      '/v1/git/history',
      '/v1/search?q=title&limit=1',
      '/v1/tags?limit=1',
      '/v1/graph/orphans?limit=1',
      '/v1/graph/unresolved?limit=1',
    ].map(async (path) => (await api.call(path)).json as unknown),
  );
  const found = (name: string) => [...new Set(textsIn(lists, name))];
  const shas = found('sha');
  const ids = [...found('id'), '01a20f3d-f3e0-76db-84e4-4964e53c57fe'];
  return {
    ...written,
    source: written.path,
    from: [...written.path, ...shas],
    to: [...written.path, ...shas],
    id: ids,
    projectId: [...found('projectId'), ...ids],
    sha: [...shas, 'HEAD'],
    hash: [...found('hash'), '0'.repeat(64)],
    cursor: [...found('nextCursor'), ''],
    at: [...written.at, ...shas],
    ifMatch: [...found('etag'), '"x"'],
  };
}
