import { ActionIcon, Group, Loader, Text, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { Icon } from './icon';
import classes from './masked-secret.module.css';

interface MaskedSecretProps {
  /** What it is, and whose: "API Key of Order system". */
  readonly name: string;
  readonly masked: string;
  /** In clear while it is revealed, else null. */
  readonly clear: string | null;
  /** Whether the value was asked for and has not come yet. */
  readonly busy?: boolean;
  /** Absent for those who may not see it. */
  readonly onToggle?: () => void;
  /** Buttons beside it. */
  readonly children?: ReactNode;
}

/** A value that is hidden until it is asked for. */
export function MaskedSecret({ name, masked, clear, busy = false, onToggle, children }: MaskedSecretProps) {
  const label = `${clear === null ? 'Reveal' : 'Hide'} ${name}`;
  return (
    <Group gap={2} wrap="nowrap">
      <Text component="code" className={classes.value} data-revealed={clear !== null || undefined}>
        {clear ?? masked}
      </Text>
      {onToggle !== undefined && (
        // It would cover what is revealed.
        <Tooltip label={label} disabled={clear !== null}>
          <ActionIcon variant="subtle" color="gray" aria-label={label} aria-busy={busy} onClick={onToggle}>
            {busy ? <Loader size={16} color="gray" /> : <Icon name={clear === null ? 'eye' : 'eye-off'} />}
          </ActionIcon>
        </Tooltip>
      )}
      {children}
    </Group>
  );
}
