import { spawnSync } from 'node:child_process';

/** The options of a target, as the command line has them: `--dry-run` for `dryRun`. */
function argumentsFor(options) {
  return Object.entries(options).flatMap(([name, value]) => {
    const option = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === false || value === undefined) return [];
    return value === true ? [option] : [option, String(value)];
  });
}

function deploy(apps, options, root) {
  const args = ['tools/deploy/main.ts', ...argumentsFor(options), ...apps];
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

/** Nx's executor interface, for a run of one app. */
export async function deployOne(options, { root, projectName }) {
  return { success: deploy([projectName], options, root) };
}

/** Nx's interface for all tasks of a run at once: the services are one deploy, which succeeds or is taken back. */
export async function deployTogether({ tasks }, inputs, _overrides, { root }) {
  const all = Object.values(tasks);
  const apps = all.map(({ target }) => target.project).sort();
  const success = deploy(apps, inputs[all[0].id], root);
  return Object.fromEntries(all.map(({ id }) => [id, { success, terminalOutput: '' }]));
}
