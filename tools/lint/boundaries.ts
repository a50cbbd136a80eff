/** A project as Nx's graph has it, as far as its place in the architecture goes. */
export interface Project {
  name: string;
  root: string;
  tags: readonly string[];
  /** Names of the projects it imports or depends on. */
  dependencies: readonly string[];
  /** What its package lets others import. */
  exports: unknown;
}

function layerOf({ tags }: Project): number {
  const tag = tags.find((each) => each.startsWith('layer:'));
  return tag === undefined ? Number.NaN : Number(tag.slice('layer:'.length));
}

function isApp({ tags }: Project): boolean {
  return tags.includes('type:app');
}

function checkPlace(project: Project): string[] {
  const problems: string[] = [];
  if (isApp(project) === project.tags.includes('type:lib')) {
    problems.push(`${project.name}: needs one of the tags type:app and type:lib`);
  }
  if (!isApp(project) && Number.isNaN(layerOf(project))) problems.push(`${project.name}: a lib needs a tag layer:N`);
  const doors = JSON.stringify(Object.keys((project.exports ?? {}) as object));
  const mounts = project.tags.includes('mounts:apps');
  if (isApp(project) && !mounts && doors !== '["./service"]') {
    problems.push(`${project.name}: an app exports "./service" and nothing else, not ${doors}`);
  }
  return problems;
}

function checkDependency(from: Project, to: Project): string[] {
  if (isApp(to)) {
    if (!isApp(from)) return [`${from.name} → ${to.name}: a lib imports no app`];
    return from.tags.includes('mounts:apps') ? [] : [`${from.name} → ${to.name}: no app imports another app`];
  }
  if (isApp(from) || layerOf(to) < layerOf(from)) return [];
  return [`${from.name} → ${to.name}: a lib imports libs of lower layers only (${layerOf(from)} → ${layerOf(to)})`];
}

/**
 * Holds the projects against the architecture: apps import libs, libs import libs below them, and only the app that
 * mounts the others imports apps, by their `./service`.
 *
 * @returns a sentence for each violation
 */
export function checkBoundaries(projects: readonly Project[]): string[] {
  const byName = new Map(projects.map((project) => [project.name, project]));
  return projects.flatMap((project) => [
    ...checkPlace(project),
    ...project.dependencies.flatMap((name) => {
      const target = byName.get(name);
      return target ? checkDependency(project, target) : [];
    }),
  ]);
}
