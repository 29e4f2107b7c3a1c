import { version } from '../../../package.json';

/** How Signpost names itself to endpoints. */
export const USER_AGENT = `Signpost/${version}`;
