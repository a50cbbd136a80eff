export { conflictName, isConflictName } from './conflict-names.ts';
export { isVaultError, VaultError, type VaultErrorCode } from './errors.ts';
export { canHaveLinks, fileLinks, linkKeys } from './file-links.ts';
export { type FrontmatterReading, readFrontmatter } from './frontmatter.ts';
export { findFrontmatter } from './frontmatter-block.ts';
export { frontmatterLinks } from './frontmatter-links.ts';
export { needsBlankLine } from './join.ts';
export { linkKey } from './link-key.ts';
export { isWikiTarget } from './link-text.ts';
export { allLinks } from './note-links.ts';
export { parseNote } from './parse.ts';
export { comparePaths, pairByPath } from './path-order.ts';
export {
  baseName,
  collisionKey,
  extension,
  folderOf,
  isHiddenPath,
  isNote,
  isVaultPath,
  normaliseVaultPath,
  stem,
} from './paths.ts';
export { type LeftLink, type LinkingFile, type MovePlan, type MoveRequest, moveKeys, planMove } from './plan-move.ts';
export { frontmatterAliases, frontmatterTags, noteTags, noteTitle } from './properties.ts';
export { createLinkIndex, type LinkIndex, namesAnyFile, namesWholePath, resolveLink } from './resolve.ts';
export { rewriteLinks } from './rewrite.ts';
export {
  editSection,
  readSection,
  type SectionEdit,
  type SectionReading,
  type SectionTarget,
} from './sections.ts';
export { type Segment, segments } from './segments.ts';
export { resolveSubpath } from './subpath.ts';
export type {
  BlockId,
  FrontmatterBlock,
  Heading,
  Link,
  ParsedNote,
  TagOccurrence,
  TaskLine,
  TextRange,
  YamlStyle,
} from './types.ts';
