import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { generateClients } from '../setup/generate-clients.ts';
import { DeployError } from './errors.ts';
import { buildFor, publishImage } from './images.ts';
import { readObjects } from './kubernetes/objects.ts';
import { renderOverlay } from './kubernetes/render.ts';
import { describePlan, type Image, planDeploy, registryOf } from './plan.ts';
import { systemPrograms } from './programs.ts';
import { rollOut } from './roll-out.ts';
import { appNames, readServices } from './services.ts';

const workspace = resolve(import.meta.dirname, '../..');

function say(line: string): void {
  process.stdout.write(`deploy: ${line}\n`);
}

function revision(): string {
  return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: workspace, encoding: 'utf8' }).trim();
}

/** `node tools/deploy/main.ts [options] APP…`: builds the apps, publishes their images and rolls them out. */
async function deploy(args: readonly string[]): Promise<void> {
  const { values, positionals: apps } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      overlay: { type: 'string', default: process.env.DEPLOY_OVERLAY ?? 'production' },
      registry: { type: 'string', default: process.env.DEPLOY_REGISTRY },
      local: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '300s' },
      'with-stores': { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
    },
  });
  const known = appNames(workspace);
  const unknown = apps.find((app) => !known.includes(app));
  if (unknown !== undefined) throw new DeployError(`there is no app ${unknown}; there are ${known.join(', ')}`);

  const rendered = readObjects(renderOverlay(join(workspace, 'k8s/overlays', values.overlay)));
  await generateClients(workspace);
  const images: Image[] = [];
  const registry = values.registry ?? registryOf(rendered);
  for (const app of apps) images.push(await buildFor(workspace, app, registry));
  const services = await readServices(workspace);
  const plan = planDeploy({ services, images, rendered, withSurroundings: values['with-stores'] });
  say(`${apps.length === 0 ? 'no app' : apps.join(', ')} to ${values.overlay}`);
  process.stdout.write(describePlan(plan));
  if (values['dry-run']) return;

  const programs = systemPrograms();
  for (const image of images)
    await publishImage(workspace, image, { programs, revision: revision(), local: values.local, say });
  await rollOut(plan, { programs, timeout: values.timeout, say });
  say('done');
}

try {
  await deploy(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof DeployError)) throw error;
  process.stderr.write(`deploy: ${error.message}\n`);
  process.exitCode = 1;
}
