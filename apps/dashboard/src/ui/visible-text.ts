const CONTROL_PICTURES = 0x2400;
const SPACE = 0x20;
const DELETE = 0x7f;
const DELETE_PICTURE = '␡';

/** Control characters except tab and line ends, and characters that change the direction of writing. */
const INVISIBLE = /(?![\t\n])\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A character that is visible: neither white space nor one without a shape of its own. */
const SHAPE = /[^\s\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * Makes the text of somebody else safe to show: characters that are invisible, or make a text look like another one, become visible signs.
 * The escape that begins an ANSI sequence becomes "␛".
 */
export function visibleText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(INVISIBLE, (character) => {
    const code = character.charCodeAt(0);
    if (code === DELETE) return DELETE_PICTURE;
    return code < SPACE ? String.fromCharCode(CONTROL_PICTURES + code) : `‹U+${code.toString(16).toUpperCase()}›`;
  });
}

/** Makes a name or a description safe to show in the same way. @returns null when nothing in it is visible */
export function readableText(text: string): string | null {
  return SHAPE.test(text) ? visibleText(text) : null;
}
