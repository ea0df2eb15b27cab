import type { ServerResponse } from 'node:http';

export interface AnswersUnderWay {
  add(response: ServerResponse): void;
  /** Waits for all that began before but one, the asker's own; `waitMsMax` at most. */
  settle(waitMsMax: number): Promise<void>;
}

const settlePollMs = 10;

/** Keeps account of answers, since what they work with must not be closed before they are given. */
export function answersUnderWay(): AnswersUnderWay {
  let current = new Set<ServerResponse>();
  return {
    add(response) {
      const began = current;
      began.add(response);
      response.once('close', () => began.delete(response));
    },
    async settle(waitMsMax) {
      const before = current;
      current = new Set();
      for (let waited = 0; before.size > 1 && waited < waitMsMax; waited += settlePollMs) {
        await new Promise((resolve) => setTimeout(resolve, settlePollMs));
      }
    },
  };
}
