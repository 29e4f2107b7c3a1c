import { useMutation, useQueryClient } from '@tanstack/react-query';
import { removeSecondFactor } from '../../api/account';
import { meQuery } from '../../api/session';
import { toastDone } from '../../ui/toast';
import { PasswordProof } from './password-proof';

export function RemoveSecondFactor({ onDone }: { onDone: () => void }) {
  const queryClient = useQueryClient();
  const removal = useMutation({
    mutationFn: removeSecondFactor,
    onSuccess: async () => {
      await queryClient.invalidateQueries(meQuery);
      toastDone('The second factor is off.');
    },
  });
  const act = { ...removal, mutate: (password: string) => removal.mutate(password, { onSuccess: onDone }) };
  return (
    <PasswordProof action="Turn off" color="red.9" act={act} onCancel={onDone}>
      The password alone lets you in again, and whoever else knows it. The recovery codes are good no more.
    </PasswordProof>
  );
}
