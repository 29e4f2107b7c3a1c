import { Button, Checkbox, Group, Input, Table, VisuallyHidden } from '@mantine/core';
import { useId } from 'react';
import type { Permission } from '../../api/api-keys';
import { capitalized } from '../../ui/capitalized';
import { ACTIONS, PERMISSIONS, RESOURCES } from './permissions';

const READ_ONLY = PERMISSIONS.filter((permission) => permission.endsWith(':read'));

interface PermissionMatrixProps {
  readonly value: readonly Permission[];
  readonly onChange: (permissions: Permission[]) => void;
  readonly error?: string;
}

/** What a key may do: read back or publish the events of each resource. */
export function PermissionMatrix({ value, onChange, error }: PermissionMatrixProps) {
  const id = useId();
  const set = (permission: Permission, on: boolean) => {
    onChange(PERMISSIONS.filter((each) => (each === permission ? on : value.includes(each))));
  };
  return (
    <div role="group" aria-labelledby={id}>
      <Group justify="space-between" mb={4}>
        <Input.Label component="div" labelElement="div" id={id}>
          Permissions
        </Input.Label>
        <Group gap={4}>
          <Preset label="Read-only" onClick={() => onChange([...READ_ONLY])} />
          <Preset label="All" onClick={() => onChange([...PERMISSIONS])} />
          <Preset label="None" onClick={() => onChange([])} />
        </Group>
      </Group>
      <Table withTableBorder verticalSpacing={6} horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">
              <VisuallyHidden>Resource</VisuallyHidden>
            </Table.Th>
            <Table.Th scope="col">Read</Table.Th>
            <Table.Th scope="col">Write</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {RESOURCES.map((resource) => (
            <Row key={resource} resource={resource} value={value} onSet={set} />
          ))}
        </Table.Tbody>
      </Table>
      {error !== undefined && <Input.Error mt={4}>{error}</Input.Error>}
    </div>
  );
}

function Preset({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button size="compact-xs" variant="default" onClick={onClick}>
      {label}
    </Button>
  );
}

interface RowProps {
  readonly resource: (typeof RESOURCES)[number];
  readonly value: readonly Permission[];
  readonly onSet: (permission: Permission, on: boolean) => void;
}

function Row({ resource, value, onSet }: RowProps) {
  const name = capitalized(resource);
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {name}
      </Table.Th>
      {ACTIONS.map((action) => {
        const permission: Permission = `${resource}:${action}`;
        return (
          <Table.Td key={action}>
            <Checkbox
              aria-label={`${action === 'read' ? 'Read' : 'Write'} ${name}`}
              checked={value.includes(permission)}
              onChange={(event) => onSet(permission, event.currentTarget.checked)}
            />
          </Table.Td>
        );
      })}
    </Table.Tr>
  );
}
