import { Anchor, Code, Loader, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { webhooksQuery } from '../../api/webhooks';
import { CodeBlock } from '../../ui/code-block';
import { EmptyState } from '../../ui/empty-state';
import { Page } from '../../ui/page';
import { Panel } from '../../ui/panel';
import { ProblemNotice } from '../../ui/problem-notice';
import { SignatureChecker } from './signature-checker';
import { secretName, verifySamples } from './verify-samples';

/** For those who write the receiver: how to verify what this webhook is sent, and why it does not verify. */
export function SignaturePage() {
  const { store, webhook: id } = useParams({ from: '/signed-in/store/$store/settings/webhooks/$webhook/signature' });
  const webhooks = useQuery(webhooksQuery(store));
  if (webhooks.isPending)
    return <Page title="Signature">{<Loader type="dots" aria-label="Loading" role="status" />}</Page>;
  if (webhooks.isLoadingError) {
    return (
      <Page title="Signature">
        <ProblemNotice error={webhooks.error} onRetry={() => void webhooks.refetch()} />
      </Page>
    );
  }
  const webhook = webhooks.data.find((each) => each.id === id);
  if (webhook === undefined) {
    return (
      <Page title="Signature">
        <EmptyState icon="webhook" title="There is no such webhook">
          It may have been deleted. <BackToWebhooks store={store} />
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page
      title="Signature"
      description={
        <>
          How the receiver at <Code>{webhook.url}</Code> knows that a request is Signpost’s.{' '}
          <BackToWebhooks store={store} />
        </>
      }
    >
      <Panel title="Verify">
        <Text size="sm" mb="md">
          Each request has <Code>webhook-id</Code>, <Code>webhook-timestamp</Code> and <Code>webhook-signature</Code>,
          as{' '}
          <Anchor inherit underline="always" href="https://www.standardwebhooks.com">
            Standard Webhooks
          </Anchor>{' '}
          has them: the signature is the HMAC-SHA256 of <Code>id.timestamp.body</Code> with the secret of the webhook’s
          API key. Put the secret into <Code>{secretName(id)}</Code>. The same id may come twice; do what it asks for
          once.
        </Text>
        <Samples webhookId={id} />
      </Panel>
      <SignatureChecker store={store} webhook={webhook} />
    </Page>
  );
}

function Samples({ webhookId }: { webhookId: string }) {
  const samples = verifySamples(webhookId);
  return (
    <Tabs defaultValue={samples[0]?.language} keepMounted={false}>
      <Tabs.List mb="md" aria-label="Language">
        {samples.map(({ language }) => (
          <Tabs.Tab key={language} value={language}>
            {language}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {samples.map(({ language, install, code }) => (
        <Tabs.Panel key={language} value={language}>
          {install !== null && (
            <Text size="sm" mb="xs">
              <Code>{install}</Code>
            </Text>
          )}
          <CodeBlock name={`sample for ${language}`} text={code} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function BackToWebhooks({ store }: { store: string }) {
  return (
    <Anchor
      inherit
      underline="always"
      renderRoot={(props) => <Link to="/store/$store/settings/webhooks" params={{ store }} {...props} />}
    >
      All webhooks
    </Anchor>
  );
}
