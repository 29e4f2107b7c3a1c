import { Fragment } from 'react';
import { urlParts } from './url-parts';
import { visibleText } from './visible-text';

/** A URL that may break after each of its parts: Chromium alone would break it within a word. */
export function UrlText({ url }: { url: string }) {
  return urlParts(visibleText(url)).map((part, index) => (
    <Fragment key={index}>
      {part}
      <wbr />
    </Fragment>
  ));
}
