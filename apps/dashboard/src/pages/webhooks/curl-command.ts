import type { TestSend } from '../../api/test-send';

/** A command that sends the same request once more, signature included. */
export function curlCommand({ url, method, headers, body }: TestSend['request']): string {
  const lines = [
    `curl -i -X ${method} ${quoted(url)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    `--data-raw ${quoted(body)}`,
  ];
  return lines.join(' \\\n  ');
}

/** For a POSIX shell, which interprets nothing between single quotes. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
