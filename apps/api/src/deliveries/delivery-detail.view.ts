import { ApiProperty } from '@nestjs/swagger';
import type { AttemptRow, DeliveryRow, EventWithData } from '@signpost/database';
import { composeBody } from '@signpost/domain';
import { AttemptView, attemptView } from './attempt.view';
import { DeliveryView, deliveryView } from './delivery.view';

/** Attempts that are shown with their delivery. The schedule makes fewer; retries by hand know no limit. */
const ATTEMPTS_SHOWN_MAX = 100;

/** How many attempts are to be read for the view: the one more tells whether some are left out. */
export const ATTEMPTS_READ_MAX = ATTEMPTS_SHOWN_MAX + 1;

/** A delivery with its attempts. */
export class DeliveryDetailView extends DeliveryView {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What each attempt sends; null once it is past its retention.',
  })
  requestBody: string | null;

  @ApiProperty({ type: [AttemptView], description: 'Oldest first.' })
  attempts: AttemptView[];

  @ApiProperty({ description: 'Whether there are older attempts that are not shown.' })
  olderAttemptsOmitted: boolean;
}

/** @param attempts oldest first, the newest {@link ATTEMPTS_READ_MAX} */
export function deliveryDetailView(
  delivery: DeliveryRow,
  event: EventWithData | null,
  attempts: readonly AttemptRow[],
): DeliveryDetailView {
  return {
    ...deliveryView(delivery),
    requestBody: requestBodyOf(event),
    attempts: attempts.slice(-ATTEMPTS_SHOWN_MAX).map(attemptView),
    olderAttemptsOmitted: attempts.length > ATTEMPTS_SHOWN_MAX,
  };
}

/** The very text that was signed and sent. */
function requestBodyOf(event: EventWithData | null): string | null {
  if (event === null || event.data === null) return null;
  return composeBody({ type: event.type, timestamp: event.occurredAt.toISOString(), data: event.data });
}
