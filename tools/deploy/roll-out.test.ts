import { temporaryFolder } from '@weave-nn/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type RecordingPrograms, renderedServices, writePrograms } from './fixture/programs.ts';
import { titleOf } from './kubernetes/objects.ts';
import { describePlan, planDeploy, registryOf } from './plan.ts';
import { systemPrograms } from './programs.ts';
import { rollOut } from './roll-out.ts';

const services = [{ name: 'file' }, { name: 'mcp-sync' }, { name: 'gateway' }];
const rendered = renderedServices(services.map(({ name }) => name));
const imageOf = (app: string) => ({ app, reference: `registry/${app}:0123456789abcdef` });

let folder: ReturnType<typeof temporaryFolder>;
let programs: RecordingPrograms;
let said: string[];
beforeEach(() => {
  folder = temporaryFolder('programs');
  programs = writePrograms(folder.path, rendered);
  vi.stubEnv('PATH', programs.environment.PATH);
  said = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
  folder.remove();
});

function planOf(apps: readonly string[], withSurroundings = false) {
  return planDeploy({ services, images: apps.map(imageOf), rendered, withSurroundings });
}

function deploy(apps: readonly string[], withSurroundings = false): Promise<void> {
  const say = (line: string) => said.push(line);
  return rollOut(planOf(apps, withSurroundings), { programs: systemPrograms(), timeout: '5s', say });
}

/** What was done, as lines without what every one has. */
function done(): string[] {
  return programs
    .calls()
    .filter(({ line }) => !/ (get|wait) .*(jsonpath|failed)/.test(line))
    .map(({ line, objects }) => {
      const command = line.replace('kubectl --namespace weave-nn ', '').replace(/ --timeout=5s/, '');
      return command.replace('apply --filename -', `apply ${objects.map(titleOf).join(', ')}`);
    });
}

describe('a deploy', () => {
  test('migrates all first, then rolls out one service after the other in the order of need', async () => {
    programs.running({ file: 3, gateway: 8 });
    await deploy(['gateway', 'file']);
    expect(done()).toEqual([
      'apply ConfigMap settings',
      'apply Service file',
      'delete job migrate-file --ignore-not-found --wait',
      'apply Job migrate-file',
      'wait job/migrate-file --for=condition=complete',
      'apply Service gateway',
      'delete job migrate-gateway --ignore-not-found --wait',
      'apply Job migrate-gateway',
      'wait job/migrate-gateway --for=condition=complete',
      'apply Service file, Deployment file',
      'rollout status deployment/file',
      'apply Service gateway, Deployment gateway',
      'rollout status deployment/gateway',
    ]);
  });

  test('gives the pods, and those that migrate, the image of what was built', async () => {
    await deploy(['file']);
    const images = programs
      .calls()
      .flatMap(({ objects }) => objects)
      .flatMap(({ spec }) => spec?.template?.spec.containers ?? [])
      .map(({ image }) => image);
    expect(images).toEqual([imageOf('file').reference, imageOf('file').reference]);
  });

  test('applies the stores too when it is told, and waits for them', async () => {
    await deploy(['file'], true);
    expect(done().slice(0, 3)).toEqual([
      'apply StatefulSet postgresql, Cluster postgresql, ConfigMap settings',
      'rollout status statefulset/postgresql',
      'wait clusters.postgresql.cnpg.io/postgresql --for=condition=Ready',
    ]);
  });

  test('does nothing to the cluster for an app that is no service of it', async () => {
    await deploy(['weave']);
    expect(programs.calls()).toEqual([]);
  });

  test('ends before any service is replaced when a migration fails', async () => {
    programs.running({ file: 3, gateway: 8 });
    programs.failJob('migrate-gateway');
    await expect(deploy(['file', 'gateway'])).rejects.toThrow('the migration migrate-gateway failed');
    expect(done().filter((line) => line.includes('Deployment') || line.includes('undo'))).toEqual([]);
  });

  test('takes everything back that it rolled out, the last one first, when a service does not come up', async () => {
    programs.running({ file: 3, 'mcp-sync': 5, gateway: 8 });
    programs.failOn(/rollout status deployment\/mcp-sync/);
    await expect(deploy(['file', 'mcp-sync', 'gateway'])).rejects.toThrow('rollout status deployment/mcp-sync');
    expect(done().slice(-5)).toEqual([
      'rollout status deployment/mcp-sync',
      'rollout undo deployment/mcp-sync --to-revision=5',
      'rollout status deployment/mcp-sync',
      'rollout undo deployment/file --to-revision=3',
      'rollout status deployment/file',
    ]);
    expect(said.at(-1)).toBe('file is back at revision 3');
  });

  test('takes the others back when one cannot be', async () => {
    programs.running({ file: 3, gateway: 8 });
    programs.failOn(/rollout (status|undo) deployment\/gateway/, 2);
    await expect(deploy(['file', 'gateway'])).rejects.toThrow('rollout status deployment/gateway');
    expect(said.at(-2)).toMatch(/^gateway could not be taken back: kubectl .* ended with 1$/);
    expect(said.at(-1)).toBe('file is back at revision 3');
  });

  test('leaves a service alone whose roll-out was not begun', async () => {
    programs.running({ file: 3, gateway: 8 });
    programs.failOn(/rollout status deployment\/file/);
    await expect(deploy(['file', 'gateway'])).rejects.toThrow();
    expect(programs.calls().filter(({ line }) => /deployment\/? ?gateway/.test(line))).toEqual([]);
  });

  test('leaves a service that did not run before as it is, to be looked at', async () => {
    programs.running({ file: 3 });
    programs.failOn(/rollout status deployment\/gateway/);
    await expect(deploy(['file', 'gateway'])).rejects.toThrow();
    expect(said.slice(-2)).toEqual(['gateway did not run before; it is left as it is', 'file is back at revision 3']);
  });

  test('says what it cannot run', async () => {
    vi.stubEnv('PATH', folder.path.replace(/[^/]+$/, 'nowhere'));
    await expect(deploy(['file'])).rejects.toThrow('kubectl cannot be run');
  });
});

describe('a plan', () => {
  test('names every step in its order', () => {
    const lines = describePlan(planOf(['weave', 'gateway', 'file'])).split('\n');
    expect(lines.map((line) => line.trim().replace(/;.*/, ''))).toEqual([
      'image    weave: registry/weave:0123456789abcdef',
      'image    gateway: registry/gateway:0123456789abcdef',
      'image    file: registry/file:0123456789abcdef',
      'apply    shared: ConfigMap',
      'migrate  file: Job migrate-file',
      'migrate  gateway: Job migrate-gateway',
      'roll out file: Deployment, Service',
      'roll out gateway: Deployment, Service',
      'in the namespace weave-nn',
      '',
    ]);
  });

  test('finds images where the overlay has them', () => {
    expect(registryOf(rendered)).toBe('registry.example.com/weave-nn');
  });

  test('is not made for a service that the overlay lacks', () => {
    const others = [...services, { name: 'task' }];
    const plan = () => planDeploy({ services: others, images: [imageOf('task')], rendered, withSurroundings: false });
    expect(plan).toThrow('the overlay has no Deployment task; add it in k8s/base/task');
  });
});
