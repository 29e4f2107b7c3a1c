import { ActionIcon, Group, Tooltip } from '@mantine/core';
import { Icon } from './icon';

interface EditAndDeleteProps {
  /** What is edited or deleted: the buttons are "Edit {name}" and "Delete {name}". */
  readonly name: string;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

/** The two buttons that a row of settings ends with. */
export function EditAndDelete({ name, onEdit, onDelete }: EditAndDeleteProps) {
  return (
    <Group gap={0} justify="flex-end" wrap="nowrap">
      <Tooltip label="Edit">
        <ActionIcon variant="subtle" color="gray" aria-label={`Edit ${name}`} onClick={onEdit}>
          <Icon name="pencil" />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Delete">
        <ActionIcon variant="subtle" color="red" aria-label={`Delete ${name}`} onClick={onDelete}>
          <Icon name="trash" />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
