import { once } from 'node:events';
import { secretBytes, SignpostError } from '@signpost/domain';
import type { Command } from '../command';
import { readDemoRecord } from '../local/demo-record';
import { checkSettings } from '../local/local-settings';
import { readArguments, readPort } from '../read-arguments';
import { errorCode } from '../services/error-code';
import { UsageError } from '../usage-error';
import { receiptLine, WebhookReceiver } from '../webhook-receiver';

export const listen: Command = {
  usage: [
    'signpost listen [--port <port>] [--secret <whsec_…>]',
    '',
    '  --port <port>       default: a free one',
    '  --secret <whsec_…>  of the API key that signs; may be given several times',
    '',
    'Create a webhook to the address that is printed. Without --secret the one of the demo is trusted.',
  ],
  async run(args, { env, say }) {
    const { values } = readArguments(args, {
      port: { type: 'string' },
      secret: { type: 'string', multiple: true },
    });
    const demo = await readDemoRecord(checkSettings(env).dataDir);
    const secrets = values.secret ?? (demo.secret === undefined ? [] : [demo.secret]);
    if (secrets.length === 0)
      throw new UsageError('Say --secret: there is no demo in the data directory to take it from.');
    secrets.forEach(checkSecret);
    const receiver = await open(readPort(values.port, '--port'), secrets);
    receiver.onReceipt((receipt) => {
      say(receiptLine(receipt));
      if (receipt.kind === 'verified') say(receipt.webhook.body);
    });
    say(`Listening on ${receiver.url}; Ctrl-C ends it.`);
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await receiver.close();
    return 0;
  },
};

function checkSecret(secret: string): void {
  try {
    secretBytes(secret);
  } catch (error) {
    throw error instanceof SignpostError ? new UsageError(`--secret: ${error.publicMessage}`) : error;
  }
}

async function open(port: number, secrets: readonly string[]): Promise<WebhookReceiver> {
  try {
    return await WebhookReceiver.start({ port, secrets });
  } catch (error) {
    throw new UsageError(`--port ${port} cannot be listened on (${errorCode(error) ?? String(error)}).`);
  }
}
