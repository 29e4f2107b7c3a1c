import { Alert, Code, Stack, Text } from '@mantine/core';
import { Icon } from '../../ui/icon';
import { visibleText } from '../../ui/visible-text';
import type { BodyChange, SecretProblem, SignatureVerdict } from './signature-check';

/** What was found, and what to do about it. @param body - what was pasted */
export function VerdictNotice({ verdict, body }: { verdict: SignatureVerdict; body: string }) {
  const { title, advice } = adviceOf(verdict);
  const isGood = verdict.kind === 'valid' && verdict.isTimely;
  const color = isGood ? 'teal' : verdict.kind === 'valid' ? 'orange' : 'red';
  return (
    <Alert color={color} title={title} icon={<Icon name={isGood ? 'circle-check' : 'alert-triangle'} />}>
      <Stack gap="xs">
        <Text size="sm">{advice}</Text>
        {verdict.kind === 'other_body' && <Difference {...verdict} body={body} />}
      </Stack>
    </Alert>
  );
}

interface Advice {
  readonly title: string;
  readonly advice: string;
}

function adviceOf(verdict: SignatureVerdict): Advice {
  switch (verdict.kind) {
    case 'insecure_page':
      return {
        title: 'Nothing can be checked over plain http',
        advice:
          'Browsers have the means for it only on a page that came over https, or from localhost. Open Signpost there.',
      };
    case 'valid':
      return verdict.isTimely ? VALID : untimely(verdict.ageSeconds);
    case 'missing_headers':
      return {
        title: `Missing: ${verdict.names.join(', ')}`,
        advice:
          'A proxy or a framework in front of the receiver may take headers away, or give them other names. Each of the three is needed.',
      };
    case 'bad_timestamp':
      return {
        title: 'The timestamp is none',
        advice: `webhook-timestamp is to be whole seconds since 1970; it is “${verdict.value}”. Signpost did not send that.`,
      };
    case 'bad_secret':
      return { title: 'The secret is none', advice: SECRETS[verdict.reason] };
    case 'no_v1_signature':
      return {
        title: 'There is no signature of version 1',
        advice: 'webhook-signature is to have at least one that begins with “v1,”.',
      };
    case 'body_changed':
      return { title: 'The body was changed on its way to the check', advice: BODIES[verdict.how] };
    case 'other_body':
      return {
        title: 'The body is not what was sent',
        advice: `The secret is right; from character ${verdict.differsAt + 1} on the body is another text. As a rule it was parsed and written anew: verify the raw bytes, before anything reads them as JSON.`,
      };
    case 'wrong_secret':
      return {
        title: 'The secret is another one',
        advice:
          'Signpost knows what it sent, and this secret did not sign it. Take the secret of the API key that this webhook is signed with; after a rotation, the new one.',
      };
    case 'no_match':
      return {
        title: 'The signature is of another secret, or of another body',
        advice:
          'The log knows of no such event for this webhook, so it cannot be said which of the two. Compare the secret first; then see that the body is the raw text.',
      };
  }
}

const VALID: Advice = {
  title: 'It verifies',
  advice: 'Headers, body and secret belong together, and the time is right.',
};

function untimely(ageSeconds: number): Advice {
  const minutes = Math.round(Math.abs(ageSeconds) / 60).toLocaleString('en');
  return {
    title: 'The signature is right, the time is not',
    advice:
      ageSeconds > 0
        ? `It was signed ${minutes} minutes ago. A receiver refuses what is older than 5 minutes, so that nobody can send it again later. If it was fresh when it came, see to the clock of the receiver.`
        : `It was signed ${minutes} minutes from now: see to the clock of this machine, and of the receiver.`,
  };
}

const SECRETS: Readonly<Record<SecretProblem, string>> = {
  empty: 'Enter the secret that the receiver verifies with.',
  public_key: 'That is the API key, which is public. The secret begins with “whsec_”.',
  prefix: 'A secret begins with “whsec_”.',
  encoding: 'What follows “whsec_” is to be base64; some of it may be missing.',
};

const BODIES: Readonly<Record<BodyChange, string>> = {
  reserialized:
    'It verifies without the white space between its parts: something parsed the body and wrote it anew. Verify the raw bytes, before anything reads them as JSON.',
  line_ends: 'It verifies with the line ends that it had: something made CRLF of them.',
  surrounding_space:
    'It verifies without the white space around it. Something added a line end, perhaps only when it was copied.',
  byte_order_mark: 'It verifies without the byte order mark that something put before it.',
};

const AROUND = 24;

function Difference({ differsAt, sent, body }: { differsAt: number; sent: string; body: string }) {
  const part = (text: string) => visibleText(text.slice(Math.max(0, differsAt - AROUND), differsAt + AROUND));
  return (
    <Stack gap={4}>
      <Text size="xs">
        Sent <Code>{part(sent)}</Code>
      </Text>
      <Text size="xs">
        Pasted <Code>{part(body)}</Code>
      </Text>
    </Stack>
  );
}
