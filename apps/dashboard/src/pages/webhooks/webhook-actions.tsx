import { ActionIcon, Button, Group, Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Webhook } from '../../api/webhooks';
import { useStore } from '../../session/use-me';
import { Icon } from '../../ui/icon';

/** What can be done with a webhook. `switch` enables what is disabled, and disables what is not. */
export type WebhookAct = 'send' | 'edit' | 'switch' | 'recover' | 'delete';

interface WebhookActionsProps {
  readonly webhook: Webhook;
  readonly onAct: (act: WebhookAct, webhook: Webhook) => void;
}

export function WebhookActions({ webhook, onAct }: WebhookActionsProps) {
  const { id, enabled, url } = webhook;
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<Icon name="terminal-2" size={16} />}
        aria-label={`Send Dummy to ${url}`}
        onClick={() => onAct('send', webhook)}
      >
        Send Dummy
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More actions for ${url}`}>
            <Icon name="dots-vertical" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="pencil" size={16} />} onClick={() => onAct('edit', webhook)}>
            Edit
          </Menu.Item>
          <Menu.Item
            leftSection={<Icon name={enabled ? 'player-pause' : 'player-play'} size={16} />}
            onClick={() => onAct('switch', webhook)}
          >
            {enabled ? 'Disable' : 'Enable'}
          </Menu.Item>
          {enabled && (
            <Menu.Item leftSection={<Icon name="history" size={16} />} onClick={() => onAct('recover', webhook)}>
              Recover what failed
            </Menu.Item>
          )}
          <SignatureItem id={id} />
          <Menu.Divider />
          <Menu.Item
            c="var(--mantine-color-error)"
            leftSection={<Icon name="trash" size={16} />}
            onClick={() => onAct('delete', webhook)}
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

/** Leads to how the webhook's receiver verifies what it gets. */
function SignatureItem({ id }: { id: string }) {
  const { key: store } = useStore();
  return (
    <Menu.Item
      leftSection={<Icon name="shield-lock" size={16} />}
      renderRoot={(props) => (
        <Link to="/store/$store/settings/webhooks/$webhook/signature" params={{ store, webhook: id }} {...props} />
      )}
    >
      Verify signatures
    </Menu.Item>
  );
}
