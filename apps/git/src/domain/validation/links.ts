import { allLinks, createLinkIndex, isNote, type LinkIndex, parseNote, stem } from '@weave-nn/vault';
import { fieldsOf, type Git } from '../program/git.ts';

/** What links need to be judged: the files before and after. */
export interface LinkWorlds {
  before: LinkIndex;
  after: LinkIndex;
}

export function linkWorlds(before: readonly string[], after: readonly string[]): LinkWorlds {
  return { before: createLinkIndex(before), after: createLinkIndex(after) };
}

function targetsOf(text: string): string[] {
  const links = allLinks(parseNote(text), text);
  return [...new Set(links.filter(({ external }) => !external).map(({ target }) => target))];
}

/** The targets of a note's links that no file has afterwards, save those that it lacked before. */
export function newlyUnresolved(path: string, text: string, textBefore: string | null, { after, before }: LinkWorlds) {
  const lacked = new Set(
    textBefore === null ? [] : targetsOf(textBefore).filter((target) => before.resolve(target, path) === null),
  );
  return targetsOf(text).filter((target) => after.resolve(target, path) === null && !lacked.has(target));
}

/** Whether a note's links to a file lead to nothing once that file is gone. */
export function losesTarget(path: string, text: string, gone: string, { before, after }: LinkWorlds): boolean {
  return targetsOf(text).some(
    (target) => before.resolve(target, path) === gone && after.resolve(target, path) === null,
  );
}

/** The notes of a tree that mention a file by its name, and so may have links to it. */
export async function notesMentioning(git: Git, tree: string, gone: string): Promise<string[]> {
  const { text } = await git.read({
    args: ['grep', '-l', '-z', '-i', '-F', '--full-name', '-e', stem(gone), tree, '--'],
    answers: [1],
  });
  return fieldsOf(text)
    .map((field) => field.slice(field.indexOf(':') + 1))
    .filter(isNote);
}
