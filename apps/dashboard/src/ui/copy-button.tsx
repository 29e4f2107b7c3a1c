import { ActionIcon, Tooltip } from '@mantine/core';
import { useRef, useState } from 'react';
import { CopyByHand } from './copy-by-hand';
import { copyText, NotCopiedError } from './copy-text';
import { Icon } from './icon';
import { CanceledError } from './canceled-error';
import { toastProblem } from './toast';

interface CopyButtonProps {
  /** The name of what is copied: "Copy {of}". */
  readonly of: string;
  /** The text, or how to get it: it need not be on the page. */
  readonly text: string | (() => Promise<string>);
  readonly onCopied?: () => void;
}

const SHOWN_MS = 2_000;

/** Copies a text, and says so, also to screen readers. Where the browser does not allow it, the text is shown. */
export function CopyButton({ of, text, onCopied }: CopyButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [state, setState] = useState<'idle' | 'busy' | 'copied'>('idle');
  const [uncopied, setUncopied] = useState<string | null>(null);
  const tell = () => {
    setState('copied');
    onCopied?.();
    setTimeout(() => setState('idle'), SHOWN_MS);
  };
  const copy = async () => {
    setState('busy');
    try {
      await copyText(text);
      tell();
    } catch (error) {
      setState('idle');
      if (error instanceof NotCopiedError) setUncopied(error.text);
      else if (!(error instanceof CanceledError)) toastProblem(error, { doing: 'reading' });
    }
  };
  const close = () => {
    setUncopied(null);
    button.current?.focus();
  };
  const copied = () => {
    tell();
    // The selection is copied first.
    setTimeout(close);
  };
  const label = state === 'copied' ? 'Copied' : `Copy ${of}`;
  return (
    <>
      <Tooltip label={label}>
        <ActionIcon
          ref={button}
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
      {uncopied !== null && <CopyByHand text={uncopied} onCopied={copied} onClose={close} />}
    </>
  );
}
