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
  /** Null: nothing came back yet. */
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
      <div role="region" ref={screen} className={classes.screen} tabIndex={0} aria-label="Terminal" data-autofocus>
        <div role="status" className={classes.outcome}>
          {busy && (
            <Group gap="xs">
              <Loader size="xs" color="gray.4" /> Sending…
            </Group>
          )}
          {!busy && sent !== null && <Outcome sent={sent} />}
          {!busy && error !== null && <Unsent error={error} />}
        </div>
        {!busy && sent !== null && <Exchange sent={sent} />}
      </div>
    </div>
  );
}

/** How it went: the status code and, where it did not go well, the error and what to do. */
function Outcome({ sent: { error, statusCode, durationMs } }: { sent: TestSend }) {
  const answer = statusCode === null ? 'none' : `${statusCode} in ${durationMs} ms`;
  if (error === null) {
    return (
      <div className={classes.good}>
        ✓ <b>Status code</b> {answer}: it would count as delivered.
      </div>
    );
  }
  return (
    <>
      <div className={classes.bad}>
        ✗ <b>Status code</b> {answer}
      </div>
      <div className={classes.bad}>
        <b>Error</b> {error.code}: {visibleText(error.message)}
      </div>
      <div className={classes.hint}>{error.hint}</div>
    </>
  );
}

function Unsent({ error }: { error: Error }) {
  const { title, detail, advice, reference } = noticeOf(error, 'sending');
  return (
    <>
      <div className={classes.bad}>
        ✗ <b>Error</b> {title}: {detail}
      </div>
      <div className={classes.hint}>{advice}</div>
      {reference !== null && <div className={classes.hint}>Reference {reference}</div>}
    </>
  );
}

/** What came back is first: it is what one asks for, and a request may be longer than the screen. */
function Exchange({ sent }: { sent: TestSend }) {
  const { request, statusCode, headers, body, bodyTruncated, timings } = sent;
  const target = new URL(request.url);
  return (
    <>
      {statusCode !== null && (
        <>
          <Part title="Response body">
            <pre className={classes.text}>
              {body === null || body === '' ? '(empty)' : visibleText(body)}
              {bodyTruncated && <span className={classes.dim}>{'\n… the endpoint sent more than is kept.'}</span>}
            </pre>
          </Part>
          <Part title="Response headers">
            <pre className={classes.text}>
              <Headers headers={headers ?? {}} />
            </pre>
          </Part>
        </>
      )}
      <Part title="Timings">
        <Timings timings={timings} />
      </Part>
      <Part title="Request">
        <pre className={classes.text}>
          <b>
            {request.method} {target.pathname + target.search}
          </b>
          {'\n'}
          <Headers headers={{ host: target.host, ...request.headers }} />
          {`\n\n${visibleText(request.body)}`}
        </pre>
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
      {index > 0 && '\n'}
      <span className={classes.name}>{visibleText(name)}</span>: {visibleText(value)}
    </span>
  ));
}
