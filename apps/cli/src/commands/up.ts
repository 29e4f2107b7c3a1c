import type { Command } from '../command';
import { readArguments } from '../read-arguments';
import { runUp } from '../up/run-up';

export const up: Command = {
  usage: [
    'signpost up [--show-token] [--no-demo]',
    '',
    '  --show-token  print the operator token itself, not only where it is',
    '  --no-demo     make no demo store, and open no receiver',
    '',
    'PORT (3000), SIGNPOST_DATA_DIR (.data), SIGNPOST_OPERATOR_TOKEN, DATABASE_URL, REDIS_URL and all other settings are',
    'honoured. Without DATABASE_URL an embedded PostgreSQL keeps its data in the data directory. An operator token and the',
    'encryption keys are made there on the first start, unless they are set.',
    'Unless SIGNPOST_EGRESS_ALLOW is set, webhooks may point to this machine (127.0.0.0/8, ::1): the demo needs that.',
  ],
  run(args, context) {
    const { values } = readArguments(args, {
      'show-token': { type: 'boolean', default: false },
      'no-demo': { type: 'boolean', default: false },
    });
    return runUp({ showToken: values['show-token'], withDemo: !values['no-demo'] }, context);
  },
};
