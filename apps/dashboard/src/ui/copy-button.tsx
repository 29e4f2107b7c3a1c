import { ActionIcon, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { copyText } from './copy-text';
import { Icon } from './icon';
import { CanceledError } from './canceled-error';
import { toastProblem } from './toast';

interface CopyButtonProps {
  /** What is copied is called: "Copy {of}". */
  readonly of: string;
  /** The text, or how to get it: it need not be on the page. */
  readonly text: string | (() => Promise<string>);
  readonly onCopied?: () => void;
}

const SHOWN_MS = 2_000;

/** Copies a text, and says so to eyes and ears. */
export function CopyButton({ of, text, onCopied }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'busy' | 'copied'>('idle');
  const copy = async () => {
    setState('busy');
    try {
      await copyText(text);
      setState('copied');
      onCopied?.();
      setTimeout(() => setState('idle'), SHOWN_MS);
    } catch (error) {
      setState('idle');
      if (!(error instanceof CanceledError)) toastProblem(error);
    }
  };
  const label = state === 'copied' ? 'Copied' : `Copy ${of}`;
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color={state === 'copied' ? 'green' : 'gray'}
        aria-label={label}
        aria-live="polite"
        loading={state === 'busy'}
        onClick={copy}
      >
        <Icon name={state === 'copied' ? 'check' : 'copy'} />
      </ActionIcon>
    </Tooltip>
  );
}
