import { type Static, setting, Type } from '@weave-nn/config';

export const GitSettings = Type.Object({
  GIT_AUTO_COMMIT: setting.boolean({
    description: 'commit changes by itself; otherwise only when asked',
    default: true,
  }),
  GIT_AUTO_INIT: setting.boolean({
    description: 'make the vault a repository when it is none',
    default: false,
  }),
  GIT_COMMIT_QUIET_MS: setting.integer({
    description: 'milliseconds without a change before what was changed is committed',
    default: 5_000,
    minimum: 10,
    maximum: 3_600_000,
  }),
  GIT_COMMIT_MAX_WAIT_MS: setting.integer({
    description: 'milliseconds after which a change is committed although there are always new ones',
    default: 60_000,
    minimum: 10,
    maximum: 86_400_000,
  }),
  GIT_COMMIT_HOOKS: setting.boolean({
    description: 'run the hooks that the repository has for commits',
    default: true,
  }),
  GIT_COMMIT_HOOK_TIMEOUT: setting.integer({
    description: 'seconds after which a hook is ended, and its commit refused',
    default: 30,
    minimum: 1,
    maximum: 3_600,
  }),
  GIT_COMMIT_SIGN: setting.choice(['repository', 'true', 'false'], {
    description: 'whether commits are signed: as commit.gpgsign of the repository says, always or never',
    default: 'repository',
  }),
  GIT_SYNC_REMOTE: setting.optional({
    description: 'the remote to synchronise with, as the repository calls it; none when unset',
    pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]*$',
    expected: 'the name of a remote, as in origin',
  }),
  GIT_SYNC_MODE: setting.choice(['merge', 'rebase'], {
    description: 'how changes of both sides come together',
    default: 'merge',
  }),
  GIT_SYNC_INTERVAL: setting.integer({
    description: 'seconds between synchronisations; 0 for only when asked',
    default: 300,
    minimum: 0,
    maximum: 86_400,
  }),
});

export type GitSettings = Static<typeof GitSettings>;
