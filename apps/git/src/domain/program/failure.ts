import { GitError, type GitErrorCode } from '../../errors.ts';

interface Known {
  says: RegExp;
  code: GitErrorCode;
  explain(said: string): string;
}

/** What git says, and what it means. The first that fits counts. */
const known: readonly Known[] = [
  {
    says: /detected dubious ownership/,
    code: 'repository-not-owned',
    explain: () =>
      'the repository belongs to another user of this machine; if you trust it, run: git config --global --add safe.directory <the vault>',
  },
  {
    says: /terminal prompts disabled|could not read (Username|Password)|Authentication failed|Permission denied \(|Host key verification failed|invalid credentials|HTTP 40[13]|returned error: 40[13]/i,
    code: 'remote-authentication',
    explain: (said) =>
      `the remote wants to know who asks, and nobody can be asked here (${said}); set up a credential helper, a key without a passphrase or an ssh agent`,
  },
  {
    says: /is at [0-9a-f]+ but expected|reference already exists|unable to resolve reference/,
    code: 'head-moved',
    explain: () => 'another program has committed in the same moment; it is retried',
  },
  {
    says: /Unable to create '[^']*\.lock'|cannot lock ref|unable to lock|Another git process seems to be running/i,
    code: 'repository-locked',
    explain: (said) =>
      `another git program holds a lock of the repository, or died with it (${said}); if none runs, remove the .lock file`,
  },
  {
    says: /unrelated histories/,
    code: 'remote-unrelated',
    explain: () => 'the remote has another history than the vault; merge them once by hand',
  },
  {
    says: /\[rejected\].*(non-fast-forward|fetch first|stale info)/,
    code: 'remote-moved',
    explain: () => 'somebody has pushed in the same moment; it is retried',
  },
  {
    says: /couldn't find remote ref/,
    code: 'remote-empty',
    explain: () => 'the remote has no such branch yet',
  },
  {
    says: /\[rejected\]|\[remote rejected\]|pre-receive hook declined|shallow update not allowed/,
    code: 'remote-refused',
    explain: (said) => `the remote refuses what is pushed (${said})`,
  },
  {
    says: /does not appear to be a git repository|repository '?[^']*'? not found|access denied or repository not exported|No such remote/i,
    code: 'remote-unreachable',
    explain: (said) => `there is no repository at the remote's address (${said})`,
  },
  {
    says: /Could not resolve host|unable to connect|Connection (refused|timed out|reset|closed)|Network is unreachable|No route to host|unable to access|Could not read from remote|hung up unexpectedly|early EOF|Operation timed out/i,
    code: 'remote-unreachable',
    explain: (said) => `the remote does not answer (${said})`,
  },
  {
    says: /object file .* is empty|loose object .* (is )?corrupt|corrupt|bad object|bad tree|unable to read tree|invalid object|missing (blob|tree|commit)|not a valid object|Could not read [0-9a-f]{40}|cannot read .*object|unable to (read|parse) [0-9a-f]{40}|bad signature|index file corrupt|inflate:|bad config|unable to read [0-9a-f]{7,}|unable to unpack|packfile .* (not match|cannot be)|failed to (traverse|read) .*object|bogus|bad ref|broken/i,
    code: 'repository-damaged',
    explain: (said) => `the repository is damaged (${said}); nothing is committed until it is mended, see git fsck`,
  },
  {
    says: /not a git repository/,
    code: 'repository-damaged',
    explain: (said) => `git does not take the vault's .git for a repository (${said})`,
  },
  {
    says: /insufficient permission|Permission denied|Read-only file system|No space left|unable to write/i,
    code: 'repository-unwritable',
    explain: (said) => `the repository cannot be written (${said})`,
  },
  {
    says: /unknown (option|subcommand|switch)|is not a git command|usage: git/,
    code: 'git-too-old',
    explain: () => 'this version of git is too old; 2.38 or newer is needed',
  },
];

const URL_SECRET = /\/\/[^/@\s]+@/g;

/** The line of git's words that says most, without a password that an address may have. */
function sentenceOf(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const line =
    lines.find((each) => /^(fatal|error|remote|ssh|! ?\[)/.test(each)) ?? lines.find((each) => each !== '') ?? '';
  return line
    .replace(/^(fatal|error): /, '')
    .replaceAll(URL_SECRET, '//…@')
    .slice(0, 300);
}

/** The typed error for what git said when it failed. */
export function fromGit(command: string, code: number | null, stderr: string): GitError {
  const found = known.find(({ says }) => says.test(stderr));
  const line = stderr.split('\n').find((each) => found?.says.test(each));
  if (found) return new GitError(found.code, found.explain(sentenceOf(line ?? stderr)));
  return new GitError('git-failed', `git ${command} ended with ${code}: ${sentenceOf(stderr)}`);
}
