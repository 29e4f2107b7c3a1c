import { Group, Loader, Text } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { noticeOf } from '../../api/notice';
import type { TestSend } from '../../api/test-send';
import { CopyButton } from '../../ui/copy-button';
import { visibleText } from '../../ui/visible-text';
import { curlCommand } from './curl-command';
import { Timings } from './timings';
import classes from './terminal.module.css';

interface TerminalProps {
  readonly url: string;
  /** Null: nothing was sent yet. */
  readonly sent: TestSend | null;
  /** Why it could not be sent; null: nothing went wrong here. */
  readonly error: Error | null;
  readonly busy: boolean;
}

/** Shows a request as it was sent, and what came back, as text: nothing that an endpoint answers is interpreted. */
export function Terminal({ url, sent, error, busy }: TerminalProps) {
  const screen = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (sent !== null) screen.current?.scrollTo({ top: 0 });
  }, [sent]);
  return (
    <div className={classes.terminal} data-mantine-color-scheme="dark">
      <Group className={classes.bar} justify="space-between" wrap="nowrap">
        <Text span size="xs" truncate>
          {url}
        </Text>
        {sent !== null && (
          <Group gap={4} wrap="nowrap">
            <Text span size="xs">
              cURL
            </Text>
            <CopyButton of="as cURL" text={() => Promise.resolve(curlCommand(sent.request))} />
          </Group>
        )}
      </Group>
      <div role="region" ref={screen} className={classes.screen} tabIndex={0} aria-label="Terminal">
        <div role="status" className={classes.outcome}>
          {busy && (
            <Group gap="xs">
              <Loader size="xs" color="gray.4" /> Sending…
            </Group>
          )}
          {!busy && sent !== null && <Outcome sent={sent} />}
          {!busy && error !== null && <Unsent error={error} />}
          {!busy && sent === null && error === null && <span className={classes.dim}>Nothing was sent yet.</span>}
        </div>
        {!busy && sent !== null && <Exchange sent={sent} />}
      </div>
    </div>
  );
}

/** How it went, in a line, and what to do where it did not. */
function Outcome({ sent: { error, statusCode, durationMs } }: { sent: TestSend }) {
  if (error === null) {
    return (
      <span className={classes.good}>
        ✓ {statusCode} in {durationMs} ms: it would count as delivered.
      </span>
    );
  }
  return (
    <>
      <span className={classes.bad}>
        ✗ {statusCode === null ? '' : `${statusCode} in ${durationMs} ms: `}
        {visibleText(error.message)}
      </span>
      <div className={classes.hint}>{error.hint}</div>
    </>
  );
}

function Unsent({ error }: { error: Error }) {
  const { title, detail, advice, reference } = noticeOf(error);
  return (
    <>
      <span className={classes.bad}>
        ✗ {title}: {detail}
      </span>
      <div className={classes.hint}>{advice}</div>
      {reference !== null && <div className={classes.hint}>Reference {reference}</div>}
    </>
  );
}

function Exchange({ sent }: { sent: TestSend }) {
  const { request, statusCode, headers, body, bodyTruncated, timings } = sent;
  const target = new URL(request.url);
  return (
    <>
      <Part title="Request">
        <pre className={classes.text}>
          <b>
            {request.method} {target.pathname + target.search}
          </b>
          <Headers headers={{ host: target.host, ...request.headers }} />
          {`\n\n${visibleText(request.body)}`}
        </pre>
      </Part>
      {statusCode !== null && (
        <Part title="Response">
          <pre className={classes.text}>
            <b>{statusCode}</b>
            <Headers headers={headers ?? {}} />
            {`\n\n${body === null || body === '' ? '(no body)' : visibleText(body)}`}
            {bodyTruncated && <span className={classes.dim}>{'\n… the endpoint sent more than is kept.'}</span>}
          </pre>
        </Part>
      )}
      <Part title="Timings">
        <Timings timings={timings} />
      </Part>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <div className={classes.title}>{title}</div>
      {children}
    </section>
  );
}

function Headers({ headers }: { headers: Readonly<Record<string, string | string[]>> }) {
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, value] as const),
  );
  return lines.map(([name, value], index) => (
    // A header may come twice, with the same value.
    <span key={index} data-signature={name === 'webhook-signature' || undefined}>
      {'\n'}
      <span className={classes.name}>{visibleText(name)}</span>: {visibleText(value)}
    </span>
  ));
}
