import { isNote, parseNote, readFrontmatter } from '@weave-nn/vault';
import type { StoredFinding } from '../../store/findings.ts';
import type { IndexChange, PrivateIndex } from '../commit/private-index.ts';
import { blobSizes, readBlobs } from '../program/blobs.ts';
import { fieldsOf } from '../program/git.ts';
import type { Head, Repository } from '../repository.ts';
import { type LinkWorlds, linkWorlds, losesTarget, newlyUnresolved, notesMentioning } from './links.ts';
import { bytesOf, type Rule, type Rules } from './rules.ts';
import { findSecrets } from './secrets.ts';

type Finding = Omit<StoredFinding, 'foundAt'>;

/** Larger files are not looked into, except for their size. */
const LARGEST_TEXT = 2 * 1024 * 1024;
const SHOWN = 5;

interface Subject {
  change: IndexChange;
  text: string;
  textBefore: string | null;
}

const appliesTo = ({ folder }: Rule, path: string) =>
  folder === undefined || path.startsWith(`${folder.replace(/\/+$/, '')}/`);
const quote = (names: readonly string[]) => names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ', …' : '');

async function judge(rule: Rule, { change, text, textBefore }: Subject, worlds: LinkWorlds | undefined) {
  const { path } = change;
  if (rule.rule === 'secrets') {
    const [first, ...others] = await findSecrets(path, text);
    if (!first) return null;
    return `line ${first.line} looks like a secret (${first.kind})${others.length > 0 ? `, and ${others.length} more` : ''}`;
  }
  if (!isNote(path)) return null;
  if (rule.rule === 'links') {
    const lost = worlds ? newlyUnresolved(path, text, textBefore, worlds) : [];
    return lost.length === 0 ? null : `it links to what no file is called: ${quote(lost)}`;
  }
  const { data, warning } = readFrontmatter(parseNote(text));
  if (rule.rule === 'frontmatter') return warning;
  if (rule.rule !== 'properties') return null;
  const missing = rule.required.filter((name) => data[name] === undefined || data[name] === null || data[name] === '');
  return missing.length === 0 ? null : `it lacks ${quote(missing)}`;
}

/** Holds changes that are to be committed against the rules of the vault. */
export function createValidation(options: { repository: Repository; index: PrivateIndex; rules: Rules }) {
  const { repository, index, rules } = options;
  const { git } = repository;

  async function sizes(found: Finding[], given: readonly Rule[], changes: readonly IndexChange[]): Promise<void> {
    const limits = given.filter((rule) => rule.rule === 'size');
    if (limits.length === 0) return;
    const known = await blobSizes(
      git,
      changes.flatMap(({ after }) => (after ? [after.blob] : [])),
    );
    for (const { path, after } of changes) {
      const size = known.get(after?.blob ?? '') ?? 0;
      for (const rule of limits) {
        if (!appliesTo(rule, path) || size <= bytesOf(rule.max)) continue;
        found.push({
          path,
          rule: 'size',
          level: rule.level ?? 'block',
          reason: `it has ${size} bytes; ${rule.max} are allowed`,
        });
      }
    }
  }

  async function texts(found: Finding[], given: readonly Rule[], changes: readonly IndexChange[], head: Head) {
    const wanted = given.filter(({ rule }) => rule !== 'size');
    const relevant = changes.filter(({ path, after }) => after && wanted.some((rule) => appliesTo(rule, path)));
    if (relevant.length === 0) return;
    const links = wanted.some(({ rule }) => rule === 'links');
    const worlds = links ? await readWorlds(head) : undefined;
    const blobs = relevant.flatMap(({ before, after }) => [
      after?.blob ?? '',
      ...(links && before ? [before.blob] : []),
    ]);
    const contents = new Map<string, string>();
    for await (const batch of readBlobs(git, blobs, LARGEST_TEXT)) {
      for (const [name, bytes] of batch) if (!bytes.includes(0)) contents.set(name, bytes.toString());
    }
    for (const change of relevant) {
      const text = contents.get(change.after?.blob ?? '');
      if (text === undefined) continue;
      const subject = { change, text, textBefore: contents.get(change.before?.blob ?? '') ?? null };
      for (const rule of wanted) {
        const reason = appliesTo(rule, change.path) ? await judge(rule, subject, worlds) : null;
        if (reason !== null) found.push({ path: change.path, rule: rule.rule, level: rule.level ?? 'block', reason });
      }
    }
  }

  async function readWorlds(head: Head): Promise<LinkWorlds> {
    const { text } = await git.read({ args: ['ls-tree', '-r', '-z', '--name-only', head.tree] });
    return linkWorlds(fieldsOf(text), await index.paths());
  }

  /** Removals that would leave links of other notes without a target. */
  async function removals(found: Finding[], given: readonly Rule[], changes: readonly IndexChange[], head: Head) {
    const rule = given.find((each) => each.rule === 'links');
    const gone = changes.filter(({ path, after }) => rule && !after && appliesTo(rule, path));
    if (!rule || gone.length === 0) return;
    const worlds = await readWorlds(head);
    const tree = await index.writeTree();
    for (const { path } of gone) {
      const losing: string[] = [];
      const notes = await notesMentioning(git, tree, path);
      const { text } = await git.read({ args: ['ls-tree', '-z', '-r', tree, '--', ...notes.slice(0, 1_000)] });
      const entries = new Map(
        fieldsOf(text).map((field) => [
          field.split(' ')[2]?.split('\t')[0] ?? '',
          field.slice(field.indexOf('\t') + 1),
        ]),
      );
      for await (const batch of readBlobs(git, notes.length > 0 ? [...entries.keys()] : [], LARGEST_TEXT)) {
        for (const [name, bytes] of batch) {
          const note = entries.get(name) ?? '';
          if (losesTarget(note, bytes.toString(), path, worlds)) losing.push(note);
        }
      }
      if (losing.length === 0) continue;
      found.push({
        path,
        rule: 'links',
        level: rule.level ?? 'block',
        reason: `its removal breaks links of ${quote(losing)}`,
      });
    }
  }

  return {
    /**
     * What rules say against changes, at most one thing a file: what blocks before what warns.
     *
     * @throws GitError `rules-invalid`
     */
    async check(changes: readonly IndexChange[], head: Head): Promise<Finding[]> {
      const given = rules.read();
      if (given.length === 0 || changes.length === 0) return [];
      const found: Finding[] = [];
      await sizes(found, given, changes);
      await texts(found, given, changes, head);
      await removals(found, given, changes, head);
      const byPath = new Map<string, Finding>();
      for (const finding of found) {
        const other = byPath.get(finding.path);
        if (!other || (other.level === 'warn' && finding.level === 'block')) byPath.set(finding.path, finding);
      }
      return [...byPath.values()];
    },
  };
}

export type Validation = ReturnType<typeof createValidation>;
