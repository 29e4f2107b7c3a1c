import { Button, Collapse, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, useId } from 'react';
import { Icon } from './icon';

interface DisclosureProps {
  readonly label: string;
  readonly initiallyOpened?: boolean;
  /** Whether it is open regardless of what the person chose, because something in it has to be seen. */
  readonly heldOpen?: boolean;
  /** At the right of the button. */
  readonly beside?: ReactNode;
  readonly children: ReactNode;
}

/** Hides what few people need until it is opened. */
export function Disclosure({ label, initiallyOpened, heldOpen = false, beside, children }: DisclosureProps) {
  const [chosen, { toggle }] = useDisclosure(initiallyOpened);
  const id = useId();
  const opened = chosen || heldOpen;
  return (
    <div>
      <Group gap="xs">
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<Icon name={opened ? 'chevron-down' : 'chevron-right'} size={16} />}
          aria-expanded={opened}
          aria-controls={id}
          onClick={toggle}
        >
          {label}
        </Button>
        {beside}
      </Group>
      <Collapse expanded={opened} id={id}>
        {children}
      </Collapse>
    </div>
  );
}
