import { dirname } from 'node:path';

/** What git, ssh and credential helpers need of this machine. */
const machine =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TEMP|TMP|TZ|XDG_\w+|SSH_AUTH_SOCK|SSH_AGENT_PID|GNUPGHOME|SSL_CERT_\w+|SYSTEMROOT|APPDATA|USERPROFILE)$/;
const proxies = /^(https?|all|no)_proxy$/i;
/** Variables of git that are the user's to set; others would point it to another repository, index or author. */
const ofGit =
  /^GIT_(CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|SSL_\w+|SSH(_COMMAND|_VARIANT)?|PROXY_COMMAND|HTTP_\w+|EXEC_PATH|TEMPLATE_DIR)$/;
const isPassedOn = (name: string) => machine.test(name) || proxies.test(name) || ofGit.test(name);

/**
 * The environment that git gets, and with it hooks, filters and ssh: of the process's own what they need, without its
 * secrets and what would lead git elsewhere; in English; and without any way to ask somebody.
 *
 * @param folder the vault; no repository above it is looked for
 */
export function gitEnvironment(folder: string, given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(given).filter(([name]) => isPassedOn(name)));
  return {
    ...own,
    LC_ALL: 'C',
    LANGUAGE: 'C',
    GIT_CEILING_DIRECTORIES: dirname(folder),
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    SSH_ASKPASS_REQUIRE: 'never',
    GCM_INTERACTIVE: 'never',
    GIT_EDITOR: ':',
    GIT_SEQUENCE_EDITOR: ':',
  };
}
