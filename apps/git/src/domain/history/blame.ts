import type { BlamedParagraph } from '@weave-nn/clients';
import { GitError } from '../../errors.ts';
import type { Git } from '../program/git.ts';
import type { Contents } from './contents.ts';
import { paragraphsOf } from './paragraphs.ts';

const LARGEST = 4 * 1024 * 1024;
const HEADER = /^([0-9a-f]{40,64}) \d+ (\d+)/;

interface Origin {
  sha: string;
  author: { name: string; email: string };
  at: number;
  subject: string;
  path: string;
}

/** Reads the output of `blame --line-porcelain`: for each line of the file where it comes from. */
function readOrigins(text: string): { origins: Origin[]; lines: string[] } {
  const origins: Origin[] = [];
  const lines: string[] = [];
  let origin: Origin | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('\t')) {
      if (origin) origins.push(origin);
      lines.push(line.slice(1));
      origin = undefined;
      continue;
    }
    const header = origin ? null : HEADER.exec(line);
    if (header) origin = { sha: header[1] ?? '', author: { name: '', email: '' }, at: 0, subject: '', path: '' };
    if (!origin || header) continue;
    const space = line.indexOf(' ');
    const value = line.slice(space + 1);
    const name = space < 0 ? line : line.slice(0, space);
    if (name === 'author') origin.author.name = value;
    if (name === 'author-mail') origin.author.email = value.replace(/^<|>$/g, '');
    if (name === 'author-time') origin.at = Number(value) * 1000;
    if (name === 'summary') origin.subject = value;
    if (name === 'filename') origin.path = value;
  }
  return { origins, lines };
}

/** Says for each paragraph of a note who last changed it, also before it was renamed. */
export async function blameNote(git: Git, contents: Contents, path: string, at: string) {
  const { path: file, sha, blob } = await contents.find(path, at);
  const size = await git.read({ args: ['cat-file', '-s', blob] });
  if (Number(size.text) > LARGEST) throw new GitError('not-text', `${file} is larger than ${LARGEST} bytes`);
  const { text } = await git.read({ args: ['blame', '--line-porcelain', '--root', sha, '--', file] });
  if (text.includes('\0')) throw new GitError('not-text', `${file} is no text`);
  const { origins, lines } = readOrigins(text);
  const paragraphs = paragraphsOf(lines.join('\n')).flatMap(({ startLine, endLine }): BlamedParagraph[] => {
    const those = origins.slice(startLine - 1, endLine);
    const [first] = those;
    if (!first) return [];
    const newest = those.reduce((one, other) => (other.at > one.at ? other : one), first);
    return [
      {
        startLine,
        endLine,
        text: lines.slice(startLine - 1, endLine).join('\n'),
        sha: newest.sha,
        author: newest.author,
        authoredAt: new Date(newest.at).toISOString(),
        subject: newest.subject,
        path: newest.path,
        commits: [...new Set(those.map((each) => each.sha))],
      },
    ];
  });
  return { path: file, sha, paragraphs };
}
