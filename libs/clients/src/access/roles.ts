/** What somebody may do, each role all that the one before it may: read, change files, administer. */
export const roles = ['reader', 'editor', 'admin'] as const;
export type Role = (typeof roles)[number];

/** What a key can be narrowed to, and what each lets it do as far as its role does. */
export const scopes = {
  'files:read': 'list and read files and their former contents',
  'files:write': 'change files, and ask what a change would do',
  'tasks:read': 'list and read tasks, their projects and comments',
  'tasks:write': 'change them, also where they stand in notes',
  'search:read': 'search, the link graph and tags',
  'git:read': 'the history of the notes',
  'git:write': 'commit, restore and synchronise',
  'events:read': 'the event stream, of what the other scopes let read',
  'system:read': 'the health of the system',
  admin: 'keys, and the care of the system',
} as const;
export type Scope = keyof typeof scopes;
