import { Fragment } from 'react';
import { visibleText } from './visible-text';

/** The scheme with the host, then each part of the path and of the query. */
const PARTS = /^[a-z]+:\/\/[^/?&]*[/?&]*|[^/?&]*[/?&]+|[^/?&]+/gi;

/** A URL that may break after each of its parts: Chromium alone would break it within a word. */
export function UrlText({ url }: { url: string }) {
  const parts = visibleText(url).match(PARTS) ?? [];
  return parts.map((part, index) => (
    <Fragment key={index}>
      {part}
      <wbr />
    </Fragment>
  ));
}
