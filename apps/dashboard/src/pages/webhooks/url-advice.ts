/** What is said of a URL while it is typed; the API has the last word. */
export type UrlAdvice = { readonly kind: 'wrong' | 'warning'; readonly text: string } | null;

const URL_LENGTH_MAX = 2_048;

const PRIVATE_HOST =
  /^(localhost|.*\.localhost|.*\.local|.*\.internal|127\..*|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*|169\.254\..*|0\..*|\[::1?\]|\[f[cde].*\])$/i;

export function urlAdvice(text: string): UrlAdvice {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'wrong', text: 'Enter the URL that events are sent to.' };
  if (trimmed.length > URL_LENGTH_MAX) {
    const [length, most] = [trimmed.length, URL_LENGTH_MAX].map((count) => count.toLocaleString('en'));
    return { kind: 'wrong', text: `The URL has ${length} characters; it may have ${most} at most.` };
  }
  if (!URL.canParse(trimmed)) {
    return { kind: 'wrong', text: 'This is not a whole URL yet, such as https://shop.example.com/hooks.' };
  }
  const { protocol, hostname, username } = new URL(trimmed);
  if (protocol !== 'https:' && protocol !== 'http:')
    return { kind: 'wrong', text: 'The URL must begin with https:// or http://.' };
  if (username !== '')
    return { kind: 'wrong', text: 'The URL must not hold a user or a password; the signature proves who sends.' };
  if (PRIVATE_HOST.test(hostname)) {
    return {
      kind: 'warning',
      text: 'This address is inside a private network. Signpost sends there only if whoever runs it has allowed that.',
    };
  }
  if (protocol === 'http:')
    return { kind: 'warning', text: 'Better use https: over http everybody on the way can read the events.' };
  return null;
}
