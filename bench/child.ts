import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Usage } from './usage.ts';

/** A process of the benchmark that is asked one thing at a time, or several: they have numbers. */
export interface Child {
  readonly process: ChildProcess;
  ask<Answer>(question: object): Promise<Answer>;
  /** Of a process that loaded usage.ts. */
  usage(): Promise<Usage>;
  /** Resolves when it has ended; kills it after a while. */
  stop(): Promise<void>;
}

export interface Question {
  readonly id: number;
}

type Reply = {
  readonly ready?: true;
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
};

const stopMs = 10_000;
const answerMs = 10 * 60_000;
export const usageModule = bundled('usage.mjs');

/** The bundle of a file of this folder. */
export function bundled(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

export function startChild(path: string, args: readonly string[], options: ForkOptions): Child {
  const execArgv = ['--import', usageModule, ...(options.execArgv ?? [])];
  const child = fork(path, args, { serialization: 'advanced', ...options, execArgv });
  const waiting = new Map<number, (reply: Reply) => void>();
  let asked = 0;
  let isReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  child.on('message', (reply: Reply) => {
    if (reply.ready) return isReady();
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  child.on('exit', (code, signal) => {
    isReady();
    for (const [id, settle] of waiting) settle({ id, error: `${path} ended (${code ?? signal})` });
    waiting.clear();
  });

  function send<Answer>(questionOf: (id: number) => object): Promise<Answer> {
    const id = ++asked;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${path} does not answer`)), answerMs);
      waiting.set(id, ({ answer, error }) => {
        clearTimeout(timer);
        return error === undefined ? resolve(answer as Answer) : reject(new Error(error));
      });
      child.send(questionOf(id), (error) => error && reject(error));
    });
  }

  return {
    process: child,
    async ask(question) {
      // What comes before it listens would be lost.
      await ready;
      return send((id) => ({ id, ...question }));
    },
    usage: () => send<Usage>((usage) => ({ usage })),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** For the child's own side: answers each question with what `answerTo` resolves with. */
export function answerQuestions<Asked extends object>(
  answerTo: (question: Asked) => Promise<unknown>,
): void {
  process.on('message', (message: Asked & Partial<Question>) => {
    const { id } = message;
    if (id === undefined) return;
    answerTo(message).then(
      (answer) => process.send?.({ id, answer }),
      (error: Error) => process.send?.({ id, error: error.stack ?? error.message }),
    );
  });
  // The process is there to be asked.
  process.channel?.ref();
  process.send?.({ ready: true });
}
