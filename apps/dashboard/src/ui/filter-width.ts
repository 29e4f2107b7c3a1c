import type { CSSProperties } from 'react';
import classes from './filter.module.css';

/** How wide a filter is beside the others. @param width - in pixels, where there is room */
export function filterWidth(width: number): { className: string | undefined; style: CSSProperties } {
  return { className: classes['filter'], style: { '--filter-width': `${width}px` } as CSSProperties };
}
