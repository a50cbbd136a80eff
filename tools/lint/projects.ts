import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Project } from './boundaries.ts';

interface Graph {
  graph: {
    nodes: Record<string, { data: { root: string; tags?: string[] } }>;
    dependencies: Record<string, { target: string }[]>;
  };
}

/**
 * The projects of a workspace, with their dependencies as Nx finds them in imports and manifests.
 *
 * @param root the workspace's folder
 * @throws Error with Nx's words when it cannot read the workspace
 */
export function readProjects(root: string): Project[] {
  const folder = mkdtempSync(join(tmpdir(), 'projects-'));
  const file = join(folder, 'graph.json');
  try {
    const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' };
    const nx = spawnSync('nx', ['graph', `--file=${file}`], { cwd: root, env, encoding: 'utf8' });
    if (nx.status !== 0) throw new Error(`nx graph failed:\n${nx.stdout}${nx.stderr}`);
    const { graph } = JSON.parse(readFileSync(file, 'utf8')) as Graph;
    return Object.entries(graph.nodes).map(([name, { data }]) => {
      const manifest = JSON.parse(readFileSync(join(root, data.root, 'package.json'), 'utf8'));
      const dependencies = (graph.dependencies[name] ?? []).map(({ target }) => target);
      return { name, root: data.root, tags: data.tags ?? [], dependencies, exports: manifest.exports };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
