import type { HelperReply } from './helper-process';

/**
 * The other side of HelperProcess: answers the questions of its parent process, and ends when the parent has ended.
 *
 * @param answer - takes the questions that this helper is asked, and no others
 */
export function answerQuestions(answer: (question: never) => Promise<unknown>): void {
  const reply = (message: HelperReply): void => {
    process.send?.(message);
  };
  process.on('message', (question: unknown) => {
    answer(question as never).then(
      (result) => reply({ kind: 'answer', answer: result }),
      (error: unknown) => reply({ kind: 'fault', message: error instanceof Error ? error.message : String(error) }),
    );
  });
  // The parent is gone, and nothing here is worth keeping.
  process.once('disconnect', () => process.exit(0));
}
