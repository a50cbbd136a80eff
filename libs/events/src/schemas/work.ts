import { Type } from '@weave-nn/config';
import { Provenance } from './provenance.ts';

const provenance = Provenance.properties;
const paths = Type.Array(Type.String());

/** Events of git, the agents and imports. */
export const workEvents = {
  'git.committed': Type.Object({
    ...provenance,
    sha: Type.String(),
    message: Type.String(),
    paths,
    author: Type.String(),
  }),
  'git.blocked': Type.Object({ ...provenance, paths, rule: Type.String(), reason: Type.String() }),
  'git.conflict': Type.Object({ ...provenance, path: Type.String(), conflictPath: Type.String() }),
  'agent.run.finished': Type.Object({
    ...provenance,
    runId: Type.String(),
    agent: Type.String(),
    path: Type.Optional(Type.String()),
    outcome: Type.String(),
  }),
  'agent.suggestion.created': Type.Object({
    ...provenance,
    suggestionId: Type.String(),
    agent: Type.String(),
    path: Type.String(),
    kind: Type.String(),
  }),
  'document.processed': Type.Object({
    ...provenance,
    documentId: Type.String(),
    path: Type.String(),
    contentLength: Type.Integer(),
    chunkCount: Type.Integer(),
  }),
};
