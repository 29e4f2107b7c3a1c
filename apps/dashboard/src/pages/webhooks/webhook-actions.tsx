import { ActionIcon, Button, Group, Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import type { Webhook } from '../../api/webhooks';
import { useStore } from '../../session/use-me';
import { EditAndDelete } from '../../ui/edit-and-delete';
import { Icon } from '../../ui/icon';

/** What can be done with a webhook. `switch` enables what is disabled, and disables what is not. */
export type WebhookAct = 'send' | 'edit' | 'switch' | 'recover' | 'delete';

interface WebhookActionsProps {
  readonly webhook: Webhook;
  readonly onAct: (act: WebhookAct, webhook: Webhook) => void;
}

/** What can be done with a webhook, in its row: frequent actions as buttons, the others in a menu. */
export function WebhookActions({ webhook, onAct }: WebhookActionsProps) {
  const { url } = webhook;
  return (
    <Group gap={0} justify="flex-end" wrap="nowrap">
      <Button
        size="compact-sm"
        variant="default"
        flex="none"
        aria-label={`Send Dummy to ${url}`}
        onClick={() => onAct('send', webhook)}
      >
        Send Dummy
      </Button>
      <EditAndDelete name={url} onEdit={() => onAct('edit', webhook)} onDelete={() => onAct('delete', webhook)} />
      <MoreActions webhook={webhook} onAct={onAct} />
    </Group>
  );
}

function MoreActions({ webhook, onAct }: WebhookActionsProps) {
  const { id, enabled, url } = webhook;
  const button = useRef<HTMLButtonElement>(null);
  const act = (chosen: WebhookAct) => {
    // When the dialog is closed again, the menu item is gone; the button that opens the menu is not.
    button.current?.focus();
    onAct(chosen, webhook);
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon ref={button} variant="subtle" color="gray" aria-label={`More actions for ${url}`}>
          <Icon name="dots-vertical" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<Icon name={enabled ? 'player-pause' : 'player-play'} size={16} />}
          onClick={() => act('switch')}
        >
          {enabled ? 'Disable' : 'Enable'}
        </Menu.Item>
        {enabled && (
          <Menu.Item leftSection={<Icon name="history" size={16} />} onClick={() => act('recover')}>
            Recover what failed
          </Menu.Item>
        )}
        <SignatureItem id={id} />
      </Menu.Dropdown>
    </Menu>
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
