/** Somebody as a commit names them. */
export interface Person {
  name: string;
  email: string;
}

const DOMAIN = 'weave-nn.invalid';

/** Who writes commits down, whoever made the changes. */
export const committer: Person = { name: 'Weave-NN', email: `weave-nn@${DOMAIN}` };

/** A name as git takes it: no brackets and no line breaks, which have a meaning in a commit. */
function plain(text: string): string {
  return text.replaceAll(/[<>\p{Cc}]+/gu, ' ').trim() || 'unknown';
}

/**
 * The author of what an actor changed. What the watcher found was changed by whose vault it is, as far as git knows
 * who that is.
 *
 * @param owner as git is configured
 */
export function authorOf(actor: string, owner: Person | null): Person {
  if (actor === 'watcher' && owner) return { name: plain(owner.name), email: plain(owner.email) };
  const local = actor.replaceAll(/[^A-Za-z0-9._-]+/g, '-') || 'unknown';
  return { name: plain(actor), email: `${local}@${DOMAIN}` };
}

export const showPerson = ({ name, email }: Person): string => `${name} <${email}>`;

/** What git reads author and committer from. */
export function authorship(author: Person, at: number): Record<string, string> {
  const date = `@${Math.floor(at / 1000)} +0000`;
  return {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
    GIT_COMMITTER_DATE: date,
  };
}
