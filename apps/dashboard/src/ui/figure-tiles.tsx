import { Text } from '@mantine/core';
import { type ReactNode } from 'react';
import classes from './figure-tiles.module.css';
import { Icon } from './icon';
import type { IconName } from './icon-paths';

/** A figure that a page begins with. */
export interface Figure {
  readonly name: string;
  readonly value: ReactNode;
  /** Said below it. */
  readonly note?: ReactNode;
  readonly icon: IconName;
  /** Whether somebody should look at it. */
  readonly alarming?: boolean;
}

/** A few figures side by side. */
export function FigureTiles({ label, figures }: { label: string; figures: readonly Figure[] }) {
  return (
    <dl className={classes.tiles} aria-label={label}>
      {figures.map(({ name, value, note, icon, alarming = false }) => (
        <div key={name} className={classes.tile} data-alarming={alarming || undefined}>
          <dt className={classes.name}>
            <Icon name={alarming ? 'alert-triangle' : icon} size={16} />
            {name}
          </dt>
          <dd className={classes.value}>
            {value}
            {note !== undefined && (
              <Text size="xs" c="dimmed" fw={400} component="div">
                {note}
              </Text>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
