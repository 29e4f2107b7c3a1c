import type { ApiKey } from '../../api/api-keys';
import { readableText } from '../../ui/visible-text';

/** What a key is called: its description, or what is shown of it where it has none. */
export function keyName({ description, key }: Pick<ApiKey, 'description' | 'key'>): string {
  return readableText(description) ?? key;
}
