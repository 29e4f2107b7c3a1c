import type { HelperReply } from './helper-process';

/**
 * The other side of HelperProcess: answers what is asked, and ends when nobody is there to ask any more.
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
  // Whoever asked is gone, and nothing here is worth keeping.
  process.once('disconnect', () => process.exit(0));
}
