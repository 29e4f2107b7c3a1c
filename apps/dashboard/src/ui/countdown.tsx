import { useEffect, useState } from 'react';
import { countdownText } from './duration-text';
import { exactTime } from './time-text';

const SECOND_MS = 1_000;

interface CountdownProps {
  readonly at: string;
  /** Said from that time on. */
  readonly onceDue: string;
}

/** How long it is until a time, to the second. Screen readers read it when they come to it, not at each second. */
export function Countdown({ at, onceDue }: CountdownProps) {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), SECOND_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={exactTime(at)} role="timer" aria-live="off">
      {countdownText(Date.parse(at) - nowMs) ?? onceDue}
    </time>
  );
}
