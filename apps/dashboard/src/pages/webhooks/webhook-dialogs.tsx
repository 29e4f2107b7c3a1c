import { useMounted } from '@mantine/hooks';
import type { Webhook } from '../../api/webhooks';
import { DeleteWebhookDialog } from './delete-webhook-dialog';
import { EnableWebhookDialog } from './enable-webhook-dialog';
import { RecoverDialog } from './recover-dialog';
import { SendDummyDialog } from './send-dummy-dialog';
import type { WebhookAct } from './webhook-actions';
import { WebhookDialog } from './webhook-dialog';

/** What is being done, and with which webhook. */
export type OpenDialog = { readonly act: 'add' } | { readonly act: WebhookAct; readonly webhook: Webhook };

interface WebhookDialogsProps {
  /** Null: all are closed. */
  readonly dialog: OpenDialog | null;
  readonly onClose: () => void;
}

/** Every dialog of the webhooks' page, of which one at most is open. */
export function WebhookDialogs({ dialog, onClose }: WebhookDialogsProps) {
  // The code of the dialogs is loaded after the page. A dialog that was open from its first render could not give the focus back.
  const open = useMounted() ? dialog : null;
  const subject = (act: WebhookAct) => (open?.act === act ? open.webhook : null);
  return (
    <>
      <WebhookDialog webhook={subject('edit')} opened={open?.act === 'add' || open?.act === 'edit'} onClose={onClose} />
      <SendDummyDialog webhook={subject('send')} onClose={onClose} />
      <EnableWebhookDialog webhook={subject('switch')} onClose={onClose} />
      <RecoverDialog webhook={subject('recover')} onClose={onClose} />
      <DeleteWebhookDialog webhook={subject('delete')} onClose={onClose} />
    </>
  );
}
