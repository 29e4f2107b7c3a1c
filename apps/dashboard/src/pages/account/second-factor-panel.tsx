import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { type ComponentType, useState } from 'react';
import { useMe } from '../../session/use-me';
import { useOpenId } from '../../session/use-open-id';
import { Dialog } from '../../ui/dialog';
import { Panel } from '../../ui/panel';
import { useCopyFirst } from '../../ui/use-copy-first';
import { AddSecondFactor } from './add-second-factor';
import { MAKING_CODES, type RecoveryCodesActs } from './recovery-codes';
import { RemoveSecondFactor } from './remove-second-factor';
import { RenewRecoveryCodes } from './renew-recovery-codes';

type Act = 'add' | 'renew' | 'remove';

const DIALOGS = [
  { act: 'add', title: 'Turn on the second factor', Content: AddSecondFactor },
  { act: 'renew', title: 'New recovery codes', Content: RenewRecoveryCodes },
  { act: 'remove', title: 'Turn off the second factor?', Content: RemoveSecondFactor },
] as const;

/** Whether a code is asked for in addition to the password, and how to change that; for people who have a password. */
export function SecondFactorPanel() {
  const { secondFactorEnabled, hasPassword } = useMe();
  const { name } = useOpenId();
  return (
    <Panel
      title="Second factor"
      aside={<Badge color={secondFactorEnabled ? 'green' : 'gray'}>{secondFactorEnabled ? 'On' : 'Off'}</Badge>}
    >
      {hasPassword ? (
        <SecondFactorActs />
      ) : (
        <Text size="sm">You sign in with {name}: whether a second factor is asked for is set up there.</Text>
      )}
    </Panel>
  );
}

function SecondFactorActs() {
  const { secondFactorEnabled } = useMe();
  const [act, setAct] = useState<Act | null>(null);
  const close = () => setAct(null);
  return (
    <>
      <Stack align="flex-start">
        <Text size="sm" c="dimmed">
          {secondFactorEnabled
            ? 'Signing in asks for a code of your authenticator app after the password. A recovery code stands in for it, once each.'
            : 'With it, a password alone lets nobody in: signing in asks for a code of an authenticator app as well.'}
        </Text>
        <Group gap="xs">
          {/* One button for both: the focus comes back to it, whatever was done. */}
          <Button
            variant={secondFactorEnabled ? 'default' : 'filled'}
            onClick={() => setAct(secondFactorEnabled ? 'remove' : 'add')}
          >
            {secondFactorEnabled ? 'Turn off' : 'Turn on'}
          </Button>
          {secondFactorEnabled && (
            <Button variant="default" onClick={() => setAct('renew')}>
              New recovery codes
            </Button>
          )}
        </Group>
      </Stack>
      {DIALOGS.map(({ act: each, title, Content }) => (
        <ActDialog key={each} opened={act === each} title={title} Content={Content} onClose={close} />
      ))}
    </>
  );
}

interface ActDialogProps {
  readonly opened: boolean;
  readonly title: string;
  readonly Content: ComponentType<RecoveryCodesActs>;
  readonly onClose: () => void;
}

function ActDialog({ opened, title, Content, onClose }: ActDialogProps) {
  const { close, setUncopied, notice } = useCopyFirst({
    mutationKey: MAKING_CODES,
    what: 'recovery codes',
    warning: 'They are not shown again. You would have to make new ones.',
    onClose,
  });
  return (
    <Dialog opened={opened} onClose={close} title={title}>
      {opened && (
        <Stack>
          <Content onDone={close} onUncopied={setUncopied} />
          {notice}
        </Stack>
      )}
    </Dialog>
  );
}
