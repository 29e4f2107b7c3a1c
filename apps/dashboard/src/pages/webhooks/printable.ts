/** Control characters but tab and line feed, and those that turn the direction of a text around. */
const UNPRINTABLE = /(?![\t\n])\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const PICTURES = 0x2400;
const CONTROLS = 0x20;

/** A text from somebody else, with what would act on a screen made visible instead: an escape becomes ␛. */
export function printable(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    return code < CONTROLS ? String.fromCharCode(PICTURES + code) : '\ufffd';
  });
}
