import { useMutation } from '@tanstack/react-query';
import { replaceRecoveryCodes } from '../../api/account';
import { PasswordProof } from './password-proof';
import { MAKING_CODES, RecoveryCodes, type RecoveryCodesActs } from './recovery-codes';

export function RenewRecoveryCodes({ onDone, onUncopied }: RecoveryCodesActs) {
  const renewal = useMutation({
    mutationKey: MAKING_CODES,
    mutationFn: replaceRecoveryCodes,
    onSuccess: () => onUncopied(true),
  });
  if (renewal.isSuccess) return <RecoveryCodes codes={renewal.data} onDone={onDone} onUncopied={onUncopied} />;
  return (
    <PasswordProof action="Make new codes" act={renewal} onCancel={onDone}>
      The codes that you have now are good no more. Confirm that it is you.
    </PasswordProof>
  );
}
