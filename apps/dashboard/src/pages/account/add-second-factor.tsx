import { useMutation, useQueryClient } from '@tanstack/react-query';
import { activateSecondFactor, prepareSecondFactor } from '../../api/account';
import { meQuery } from '../../api/session';
import { AuthenticatorForm } from './authenticator-form';
import { PasswordProof } from './password-proof';
import { MAKING_CODES, RecoveryCodes, type RecoveryCodesActs } from './recovery-codes';

/** Asks for the password, then for the first code of the app, and finally shows the recovery codes. */
export function AddSecondFactor({ onDone, onUncopied }: RecoveryCodesActs) {
  const queryClient = useQueryClient();
  const preparation = useMutation({ mutationFn: prepareSecondFactor });
  const activation = useMutation({
    mutationKey: MAKING_CODES,
    mutationFn: activateSecondFactor,
    onSuccess: () => {
      onUncopied(true);
      return queryClient.invalidateQueries(meQuery);
    },
  });
  if (!preparation.isSuccess) {
    return (
      <PasswordProof action="Continue" act={preparation} onCancel={onDone}>
        You need an authenticator app, on your phone or in your password manager. First confirm that it is you.
      </PasswordProof>
    );
  }
  if (!activation.isSuccess) {
    return <AuthenticatorForm factor={preparation.data} act={activation} onCancel={onDone} />;
  }
  return <RecoveryCodes codes={preparation.data.recoveryCodes} onDone={onDone} onUncopied={onUncopied} />;
}
