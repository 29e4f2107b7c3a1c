import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  type SubmitEvent,
  use,
  useCallback,
  useEffectEvent,
  useLayoutEffect,
  useState,
} from 'react';
import { isProblem } from '../api/problem-error';
import { confirmIdentity, meQuery } from '../api/session';
import { CanceledError } from '../ui/canceled-error';
import { Dialog } from '../ui/dialog';
import { PasswordField } from '../ui/password-field';
import { ProblemNotice } from '../ui/problem-notice';
import { useFocusOnRefusal } from '../ui/use-focus-on-refusal';
import { useOpenId } from './use-open-id';
import { withoutSpaces } from './without-spaces';

/** Does something that may need a recent sign-in. @throws CanceledError when the person does not confirm */
type WithIdentity = <Result>(act: () => Promise<Result>) => Promise<Result>;

interface Request {
  readonly confirmed: () => void;
  readonly canceled: () => void;
}

const IdentityContext = createContext<WithIdentity>((act) => act());

/** @returns a function that runs a sensitive act and, if a confirmation is due, first asks who the person is */
export function useIdentity(): WithIdentity {
  return use(IdentityContext);
}

/** Asks, on behalf of any part of the page, whether it is still the person who signed in. */
export function IdentityProvider({ children }: { children: ReactNode }) {
  const [request, setRequest] = useState<Request | null>(null);
  const withIdentity = useCallback<WithIdentity>(async (act) => {
    try {
      return await act();
    } catch (error) {
      if (!isProblem(error, 'recent_sign_in_required')) throw error;
      await new Promise<void>((resolve, reject) => {
        setRequest({ confirmed: resolve, canceled: () => reject(new CanceledError()) });
      }).finally(() => setRequest(null));
      return act();
    }
  }, []);
  useEscapeFirst(request?.canceled);
  return (
    <IdentityContext value={withIdentity}>
      {children}
      <Dialog
        opened={request !== null}
        onClose={() => request?.canceled()}
        title="Is it you?"
        zIndex={300}
        closeOnEscape={false}
      >
        {request !== null && <IdentityForm onConfirmed={request.confirmed} onCancel={request.canceled} />}
      </Dialog>
    </IdentityContext>
  );
}

/**
 * Lets Escape cancel only this question. It is heard here before a dialog below hears it, because that one begins to listen in a later
 * effect.
 */
function useEscapeFirst(cancel: (() => void) | undefined): void {
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (cancel === undefined || event.key !== 'Escape' || event.isComposing) return;
    event.stopImmediatePropagation();
    cancel();
  });
  useLayoutEffect(() => {
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, []);
}

interface IdentityFormProps {
  readonly onConfirmed: () => void;
  readonly onCancel: () => void;
}

/** Asks for what the person has: a code, a password, or another sign-in with the identity provider. */
function IdentityForm(props: IdentityFormProps) {
  const me = useQuery(meQuery).data;
  return me !== undefined && !me.hasPassword && !me.secondFactorEnabled ? (
    <OtherSignIn onCancel={props.onCancel} />
  ) : (
    <ProofForm {...props} byCode={me?.secondFactorEnabled === true} />
  );
}

function OtherSignIn({ onCancel }: Pick<IdentityFormProps, 'onCancel'>) {
  const { name, url } = useOpenId();
  return (
    <Stack>
      <Text size="sm">This needs a recent sign-in. Sign in once more, then come back to it.</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        {url !== null && (
          <Button component="a" href={url}>
            Sign in with {name}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function ProofForm({ byCode, onConfirmed, onCancel }: IdentityFormProps & { readonly byCode: boolean }) {
  const [proof, setProof] = useState('');
  const confirmation = useMutation({
    mutationFn: () => confirmIdentity(byCode ? { code: withoutSpaces(proof) } : { password: proof }),
    onSuccess: onConfirmed,
  });
  const { ref } = useFocusOnRefusal(confirmation.error);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    confirmation.mutate();
  };
  const field = {
    value: proof,
    required: true,
    withAsterisk: false,
    'data-autofocus': true,
    error: isProblem(confirmation.error, 'confirmation_failed'),
    onChange: (event: { currentTarget: { value: string } }) => setProof(event.currentTarget.value),
  };
  return (
    <form ref={ref} onSubmit={submit}>
      <Stack>
        <Text size="sm">This needs a recent sign-in. Confirm once, and it holds for some minutes.</Text>
        {byCode ? (
          <TextInput
            label="Code of your authenticator app"
            inputMode="numeric"
            autoComplete="one-time-code"
            {...field}
          />
        ) : (
          <PasswordField label="Password" autoComplete="current-password" {...field} />
        )}
        {confirmation.isError && <ProblemNotice error={confirmation.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={confirmation.isPending}>
            Confirm
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
