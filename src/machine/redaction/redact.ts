import type { Exchange } from '../recording/write-entry.ts';
import { redactFile } from './files.ts';
import { redactAnswer } from './http.ts';
import { redactComplaint, redactOutput } from './output.ts';
import { cutCredentials } from './urls.ts';

/**
 * An exchange as it may be kept: an allow-list by what was asked, so that those who ask need not know of recordings.
 * What is kept is what the doctor reads, so a replay finds what it found live; a value that is gone says `(left out)`.
 *
 * @returns undefined where nothing of it may be kept: the doctor's own journals hold whole files
 */
export function redact(exchange: Exchange): Exchange | undefined {
  switch (exchange.kind) {
    case 'run': {
      const { asked, answer } = exchange;
      if (answer.outcome !== 'exited' && answer.outcome !== 'timed-out') return exchange;
      const stdout = redactOutput(asked.argv, answer.stdout);
      const stderr = redactComplaint(asked.argv, answer.stderr);
      return { ...exchange, answer: { ...answer, stdout, stderr } };
    }
    case 'read': {
      const { asked, answer } = exchange;
      if (/[/\\]ollama-doctor[/\\](?:receipts[/\\]|lock)/u.test(asked)) return undefined;
      if (answer.outcome !== 'read') return exchange;
      return { ...exchange, answer: { ...answer, text: redactFile(asked, answer.text) } };
    }
    case 'request': {
      const { asked, answer } = exchange;
      if (answer.outcome === 'answered') return { ...exchange, answer: redactAnswer(asked, answer) };
      if (answer.outcome === 'not-recorded') return exchange;
      return { ...exchange, answer: { ...answer, detail: cutCredentials(answer.detail) } };
    }
    case 'list':
    case 'connect':
    case 'resolve':
      return exchange;
  }
}
