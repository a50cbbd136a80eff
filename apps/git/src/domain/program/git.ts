import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { devNull } from 'node:os';
import { Semaphore } from '@weave-nn/background';
import { GitError } from '../../errors.ts';
import { gitEnvironment } from './environment.ts';
import { fromGit } from './failure.ts';

const READ_TIMEOUT = 60_000;
const WRITE_TIMEOUT = 120_000;
const MAX_OUTPUT = 128 * 1024 * 1024;
const MAX_STDERR = 16_384;
const MAX_CONCURRENT_READS = 6;
const KILL_AFTER = 2_000;
/** Milliseconds in which what was said is read after the end. */
const OUTPUT_GRACE = 200;
const NOW_TIMEOUT = 10_000;

/**
 * What holds for every call: names as they are, paths taken literally, nothing started beside (no monitor of files,
 * no pager, no tidying up), and no hook unless a call asks for it, so that what is no commit runs none.
 */
const always = [
  '--no-pager',
  '-c',
  'core.quotePath=false',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'color.ui=false',
  '-c',
  'gc.auto=0',
  '-c',
  'maintenance.auto=false',
  '-c',
  'log.showSignature=false',
  '-c',
  'i18n.commitEncoding=UTF-8',
  '-c',
  'i18n.logOutputEncoding=UTF-8',
  '-c',
  'advice.detachedHead=false',
];
const literally = ['--literal-pathspecs'];
/** A commit that is told of must outlast the machine's power; by itself git does not wait for single objects. */
const durably = ['-c', 'core.fsync=committed,reference', '-c', 'core.fsyncMethod=batch'];
const withoutHooks = ['-c', `core.hooksPath=${devNull}`];

export interface GitCall {
  /** The subcommand and its arguments; a path comes after `--`. */
  args: readonly string[];
  input?: string | Buffer;
  environment?: Readonly<Record<string, string>>;
  /** Exit codes that are an answer, beside 0. */
  answers?: readonly number[];
  timeout?: number;
  mostOutput?: number;
  /** For the subcommands that do not know that paths can be meant literally. */
  unliteral?: boolean;
  /** Runs the hooks of the repository. */
  hooks?: boolean;
  signal?: AbortSignal;
  /** Answers once git has ended, though something that it started goes on. */
  endsAtExit?: boolean;
  /** Takes the output as it comes; it is then not kept. */
  onOutput?: (chunk: Buffer) => void;
}

export interface GitAnswer {
  /** -1 when it was ended by a signal. */
  code: number;
  /** The first of what it said beside its output. */
  errors: string;
  stdout: Buffer;
  text: string;
}

/** The program git, always in the vault's folder. */
export interface Git {
  /**
   * Runs git where nothing of the repository is written.
   *
   * @throws GitError with what git said, `git-missing`, `git-timeout`, `output-too-large`
   */
  read(call: GitCall): Promise<GitAnswer>;
  /** Runs git where it may write; throws as `read`. */
  write(call: GitCall): Promise<GitAnswer>;
  /**
   * Runs git while this process does nothing else: for what takes a few milliseconds and must be followed at once by
   * something that others wait for. Throws as `read`.
   */
  writeNow(args: readonly string[]): void;
}

/** Ends git with whatever it has started. */
function end(child: ChildProcess, signal: NodeJS.Signals) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') child.kill(signal);
  }
}

/**
 * Calls git with a time limit, in an environment in which it can ask nobody.
 *
 * @param folder the vault, as a real path
 */
export function createGit(folder: string, given: NodeJS.ProcessEnv = process.env): Git {
  const environment = gitEnvironment(folder, given);
  const reading = new Semaphore(MAX_CONCURRENT_READS);

  function run(call: GitCall, writes: boolean): Promise<GitAnswer> {
    const {
      args,
      input,
      answers = [],
      mostOutput = MAX_OUTPUT,
      timeout = writes ? WRITE_TIMEOUT : READ_TIMEOUT,
      signal,
      onOutput,
    } = call;
    const command = args.find((each) => /^[a-z]/.test(each)) ?? '';
    const prefix = [
      ...always,
      ...(writes ? durably : []),
      ...(call.unliteral ? [] : literally),
      ...(call.hooks ? [] : withoutHooks),
    ];
    return new Promise((resolve, reject) => {
      const child = spawn('git', [...prefix, ...args], {
        cwd: folder,
        env: { ...environment, ...(writes ? {} : { GIT_OPTIONAL_LOCKS: '0' }), ...call.environment },
        stdio: ['pipe', 'pipe', 'pipe'],
        // A group of its own, so that what git starts ends with it.
        detached: true,
      });
      const chunks: Buffer[] = [];
      let size = 0;
      let stderr = '';
      let refusal: GitError | undefined;
      function stop(reason: GitError) {
        refusal ??= reason;
        end(child, 'SIGTERM');
        setTimeout(() => end(child, 'SIGKILL'), KILL_AFTER).unref();
      }
      const timer = setTimeout(
        () => stop(new GitError('git-timeout', `git ${command} took longer than ${timeout / 1000} s`)),
        timeout,
      );
      const aborted = () => stop(new GitError('git-timeout', `git ${command} was ended since the service stops`));
      signal?.addEventListener('abort', aborted, { once: true });
      child.stdout.on('data', (chunk: Buffer) => {
        if (onOutput) return onOutput(chunk);
        size += chunk.length;
        if (size > mostOutput) {
          return stop(new GitError('output-too-large', `git ${command} answers more than ${mostOutput} bytes`));
        }
        chunks.push(chunk);
      });
      child.stderr.on('data', (chunk: Buffer) => {
        if (stderr.length < MAX_STDERR) stderr += chunk.toString();
      });
      // A git that ends early has said why; that its input was not read to the end is no news.
      child.stdin.on('error', () => {});
      child.stdin.end(input ?? '');
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
      };
      child.on('error', (cause: NodeJS.ErrnoException) => {
        settle();
        if (cause.code !== 'ENOENT')
          return reject(new GitError('git-failed', `git cannot be started: ${cause.message}`));
        reject(new GitError('git-missing', 'there is no program git on this machine, or the vault is gone', { cause }));
      });
      let hasEnded = false;
      function ended(code: number | null) {
        if (hasEnded) return;
        hasEnded = true;
        settle();
        if (refusal) return reject(refusal);
        if (code !== 0 && !answers.includes(code ?? -1)) return reject(fromGit(command, code, stderr));
        const stdout = Buffer.concat(chunks);
        resolve({
          code: code ?? -1,
          errors: stderr,
          stdout,
          get text() {
            return stdout.toString();
          },
        });
      }
      child.on('close', ended);
      if (call.endsAtExit) child.on('exit', (code) => setTimeout(ended, OUTPUT_GRACE, code));
    });
  }

  return {
    read: (call) => reading.runExclusive(() => run(call, false)),
    write: (call) => run(call, true),
    writeNow(args) {
      const { error, status, stderr } = spawnSync(
        'git',
        [...always, ...durably, ...literally, ...withoutHooks, ...args],
        {
          cwd: folder,
          env: environment,
          encoding: 'utf8',
          timeout: NOW_TIMEOUT,
        },
      );
      if (error) throw new GitError('git-failed', `git ${args[0]} did not end: ${error.message}`, { cause: error });
      if (status !== 0) throw fromGit(args[0] ?? '', status, stderr);
    },
  };
}

/** The fields of an output of `-z`. */
export function fieldsOf(text: string): string[] {
  const fields = text.split('\0');
  if (fields.at(-1) === '') fields.pop();
  return fields;
}
