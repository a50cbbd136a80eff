import type { GraphStore } from '../store/graph.ts';

const MAX_NODES = 1_000;

/**
 * What is within so many links of a note, whichever way they point.
 *
 * @param depth how many links away, from 1
 */
export async function findNeighbourhood(graph: GraphStore, start: string, depth: number) {
  const distances = new Map([[start, 0]]);
  const edges = new Map<string, { source: string; target: string }>();
  let frontier = [start];
  let truncated = false;
  for (let distance = 1; distance <= depth && frontier.length > 0; distance++) {
    const next: string[] = [];
    for (const path of frontier) {
      for (const edge of await graph.neighbours(path)) {
        const other = edge.source === path ? edge.target : edge.source;
        if (!distances.has(other)) {
          if (distances.size >= MAX_NODES) {
            truncated = true;
            continue;
          }
          distances.set(other, distance);
          next.push(other);
        }
        if (edge.source !== edge.target) edges.set(`${edge.source}\n${edge.target}`, edge);
      }
    }
    frontier = next;
  }
  const nodes = [...distances].map(([path, distance]) => ({ path, distance }));
  return { nodes, edges: [...edges.values()], truncated };
}
