export { isVaultError, VaultError, type VaultErrorCode } from './errors.ts';
export { type FrontmatterReading, readFrontmatter } from './frontmatter/frontmatter.ts';
export { findFrontmatter } from './frontmatter/frontmatter-block.ts';
export { frontmatterAliases, frontmatterTags, noteTags, noteTitle } from './frontmatter/properties.ts';
export { canHaveLinks, fileLinks, linkKeys } from './links/file-links.ts';
export { frontmatterLinks } from './links/frontmatter-links.ts';
export { linkKey } from './links/link-key.ts';
export { isWikiTarget } from './links/link-text.ts';
export { allLinks } from './links/note-links.ts';
export {
  type LeftLink,
  type LinkingFile,
  type MovePlan,
  type MoveRequest,
  moveKeys,
  planMove,
} from './links/plan-move.ts';
export { createLinkIndex, type LinkIndex, namesAnyFile, namesWholePath, resolveLink } from './links/resolve.ts';
export { rewriteLinks } from './links/rewrite.ts';
export { resolveSubpath } from './links/subpath.ts';
export { conflictName, isConflictName } from './paths/conflict-names.ts';
export { comparePaths, pairByPath } from './paths/path-order.ts';
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
} from './paths/paths.ts';
export { parseNote } from './scan/parse.ts';
export { type Segment, segments } from './scan/segments.ts';
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
} from './scan/types.ts';
export { needsBlankLine } from './sections/join.ts';
export {
  editSection,
  readSection,
  type SectionEdit,
  type SectionReading,
  type SectionTarget,
} from './sections/sections.ts';
