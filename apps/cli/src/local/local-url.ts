const ALL_ADDRESSES: readonly string[] = ['0.0.0.0', '::'];

/** The URL, without a slash at its end, by which this machine itself reaches what listens on `host`. */
export function localUrl(host: string, port: number): string {
  const name = ALL_ADDRESSES.includes(host) ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
