import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './share-bars.module.css';

interface ShareBarsProps {
  readonly label: string;
  readonly shares: readonly { readonly key: string; readonly name: ReactNode; readonly count: number }[];
  /** Said while there are none. */
  readonly none: string;
}

/** How often each of a few things happened, as a list with bars. */
export function ShareBars({ label, shares, none }: ShareBarsProps) {
  if (shares.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {none}
      </Text>
    );
  }
  const most = Math.max(...shares.map(({ count }) => count));
  return (
    <ul className={classes.shares} aria-label={label}>
      {shares.map(({ key, name, count }) => (
        <li key={key} className={classes.share}>
          <span className={classes.bar} style={{ width: `${(count / most) * 100}%` }} aria-hidden />
          <span className={classes.name}>{name}</span>
          <span className={classes.count}>{count.toLocaleString('en')}</span>
        </li>
      ))}
    </ul>
  );
}
