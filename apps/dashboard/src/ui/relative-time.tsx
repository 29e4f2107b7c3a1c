import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { exactTime, relativeTime } from './time-text';

interface RelativeTimeProps {
  /** ISO 8601; null: there was no such time. */
  readonly at: string | null;
  /** Said when there is no time. */
  readonly otherwise?: string;
}

const TICK_MS = 30_000;

/** How long ago something was, or when it will be; the exact time is in its tooltip, and there for screen readers. */
export function RelativeTime({ at, otherwise = 'Never' }: RelativeTimeProps) {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  if (at === null) return <>{otherwise}</>;
  const exact = exactTime(at);
  return (
    <Tooltip label={exact}>
      <time dateTime={at} title={exact} style={{ whiteSpace: 'nowrap' }}>
        {relativeTime(Date.parse(at), nowMs)}
      </time>
    </Tooltip>
  );
}
