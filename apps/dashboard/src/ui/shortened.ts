const WORD_LENGTH_MAX = 80;
const TAIL_LENGTH = 16;
const LONG_WORDS = new RegExp(`\\S{${WORD_LENGTH_MAX + 1},}`, 'g');

/** A text whose long words, such as URLs, are left out in the middle. */
export function shortened(text: string): string {
  return text.replace(
    LONG_WORDS,
    (word) => `${word.slice(0, WORD_LENGTH_MAX - TAIL_LENGTH - 1)}…${word.slice(-TAIL_LENGTH)}`,
  );
}
