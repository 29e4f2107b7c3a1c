import { useMutation } from '@tanstack/react-query';
import { replaceRecoveryCodes } from '../../api/account';
import { PasswordProof } from './password-proof';
import { RecoveryCodes } from './recovery-codes';

export function RenewRecoveryCodes({ onDone }: { onDone: () => void }) {
  const renewal = useMutation({ mutationFn: replaceRecoveryCodes });
  if (renewal.isSuccess) return <RecoveryCodes codes={renewal.data} onDone={onDone} />;
  return (
    <PasswordProof action="Make new codes" act={renewal} onCancel={onDone}>
      The codes that you have now are good no more. Confirm that it is you.
    </PasswordProof>
  );
}
