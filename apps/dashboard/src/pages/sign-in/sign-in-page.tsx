import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { meQuery } from '../../api/session';
import { Gate } from '../gate';
import { PasswordForm } from './password-form';
import { SecondFactorForm } from './second-factor-form';

/** Lets a person in: by password, where there is one with a second factor, or by the company's own sign-in. */
export function SignInPage() {
  const { next = '/' } = useSearch({ from: '/sign-in' });
  const [step, setStep] = useState<'password' | 'code'>('password');
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const enter = async () => {
    await queryClient.resetQueries(meQuery);
    await navigate({ href: next, replace: true });
  };
  if (step === 'code') {
    return (
      <Gate title="One more step" description="Enter the code that your authenticator app shows, or a recovery code.">
        <SecondFactorForm onSignedIn={enter} onBack={() => setStep('password')} />
      </Gate>
    );
  }
  return (
    <Gate title="Sign in" description="Accounts are made by invitation.">
      <PasswordForm onSignedIn={enter} onSecondFactor={() => setStep('code')} />
    </Gate>
  );
}
