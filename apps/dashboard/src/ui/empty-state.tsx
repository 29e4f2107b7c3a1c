import { Center, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Icon } from './icon';
import type { IconName } from './icon-paths';

interface EmptyStateProps {
  readonly icon: IconName;
  readonly title: string;
  /** What will be here, and how it comes here. */
  readonly children: ReactNode;
  /** The next step, as a button. */
  readonly action?: ReactNode;
}

/** Shown in place of an empty list; says how to fill it. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <Center py={48} px="md">
      <Stack align="center" gap="sm" maw={460} ta="center">
        <ThemeIcon variant="light" size={52} radius="xl" aria-hidden>
          <Icon name={icon} size={26} />
        </ThemeIcon>
        <Title order={2} size="h3">
          {title}
        </Title>
        <Text c="dimmed" size="sm" component="div" style={{ textWrap: 'balance' }}>
          {children}
        </Text>
        {action}
      </Stack>
    </Center>
  );
}
