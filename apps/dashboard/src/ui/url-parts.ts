const ORIGIN = /^[a-z]+:\/\/[^/?&]*[/?&]*/i;
const PARTS_OF_ORIGIN = /^[a-z]+:\/\/[^.:]*|[.:]+[^.:]*/gi;
const PARTS_OF_REST = /[^/?&]*[/?&]+|[^/?&]+/g;

/** The parts of a URL, between which it may break: those of the host, then those of the path and of the query. */
export function urlParts(url: string): readonly string[] {
  const [origin = ''] = ORIGIN.exec(url) ?? [];
  return [...(origin.match(PARTS_OF_ORIGIN) ?? []), ...(url.slice(origin.length).match(PARTS_OF_REST) ?? [])];
}
