import { dirname } from 'node:path';

/** Variables of git that are the user's to set; all others would point it to another repository, index or author. */
const kept =
  /^GIT_(CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|SSL_\w+|SSH(_COMMAND|_VARIANT)?|PROXY_COMMAND|HTTP_\w+|EXEC_PATH|TEMPLATE_DIR)$/;
/** The settings of this service begin as git's variables do. */
const isForeign = (name: string) => name.startsWith('GIT_') && !kept.test(name);

/**
 * The environment that git gets: the process's own without what would lead it elsewhere, in English, and without any
 * way to ask somebody.
 *
 * @param folder the vault; no repository above it is looked for
 */
export function gitEnvironment(folder: string, given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(given).filter(([name]) => !isForeign(name)));
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
