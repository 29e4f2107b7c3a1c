import { rem } from '@mantine/core';
import type { CSSProperties } from 'react';
import classes from './filter.module.css';

/** How wide a filter is beside the others. @param width - in pixels, where there is room and the text has its usual size */
export function filterWidth(width: number): { className: string | undefined; style: CSSProperties } {
  return { className: classes['filter'], style: { '--filter-width': rem(width) } as CSSProperties };
}
