import { Anchor, Button, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Suspense } from 'react';
import type { NewSecondFactor } from '../../api/account';
import { isProblem } from '../../api/problem-error';
import { withoutSpaces } from '../../session/without-spaces';
import { CodeBlock } from '../../ui/code-block';
import { CopyField } from '../../ui/copy-field';
import { lazyComponent } from '../../ui/lazy-component';
import { ProblemNotice } from '../../ui/problem-notice';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';

const QrCode = lazyComponent(() => import('../../ui/qr-code'), 'QrCode');

interface AuthenticatorFormProps {
  readonly factor: NewSecondFactor;
  /** What is done with the first code, as a mutation has it. */
  readonly act: { mutate: (code: string) => void; readonly isPending: boolean; readonly error: Error | null };
  readonly onCancel: () => void;
}

/** Hands the secret to an authenticator app, and asks for the first code that it shows. */
export function AuthenticatorForm({ factor: { uri, secret }, act, onCancel }: AuthenticatorFormProps) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { code: '' } });
  const { ref } = useFocusOnRefusal(act.error);
  return (
    <form ref={ref} onSubmit={form.onSubmit(({ code }) => act.mutate(withoutSpaces(code)))}>
      <Stack>
        <Text size="sm">
          Scan this with the app, or <Anchor href={uri}>open it in an app on this device</Anchor>.
        </Text>
        <Suspense fallback={<Skeleton height={216} width={216} mx="auto" />}>
          <QrCode text={uri} name="QR code for the authenticator app" />
        </Suspense>
        <Text size="sm">Or type the secret into it, or copy the address into your password manager.</Text>
        <CodeBlock name="secret" text={grouped(secret)} copied={secret} />
        <CopyField label="Setup address" value={uri} />
        <TextInput
          label="Code"
          description="Six digits, as the app shows them now."
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          withAsterisk={false}
          autoFocus
          key={form.key('code')}
          {...form.getInputProps('code')}
          error={isProblem(act.error, 'confirmation_failed')}
        />
        {act.error !== null && <ProblemNotice error={act.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={act.isPending}>
            Turn on
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** In groups of four, to be typed. */
function grouped(secret: string): string {
  return secret.replace(/.{4}(?=.)/g, '$& ');
}
