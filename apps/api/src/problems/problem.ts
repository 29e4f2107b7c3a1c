import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ERROR_CODES,
  type ErrorCode,
  type FieldError,
  type Permission,
  PERMISSIONS,
  type ProblemDocument,
} from '@signpost/domain';
import { ReadyChecks } from '../health/health.view';

/** One rule that one field of the request broke. */
export class ProblemFieldError implements FieldError {
  @ApiProperty({ description: 'Path from the root of the body or query: `events[3].type`.' })
  field: string;

  @ApiProperty({ description: 'Stable name of the broken rule.', examples: ['required', 'unknown_property'] })
  rule: string;

  @ApiProperty({ description: 'One sentence for people.' })
  message: string;
}

/** A webhook that is in the way of what was asked for. */
export class ProblemWebhook {
  @ApiProperty({ example: 'whk_01jp9b3s5vex7rj3b9k5d2a8hm' })
  id: string;

  @ApiProperty()
  url: string;
}

/** The {@link ProblemDocument} as the API's document shows it. */
export class Problem implements ProblemDocument {
  @ApiProperty({ format: 'uri', example: 'urn:signpost:problem:not_found' })
  type: string;

  @ApiProperty({ description: 'The same for every occurrence of a code.' })
  title: string;

  @ApiProperty({ type: 'integer', description: 'The HTTP status.' })
  status: number;

  @ApiProperty({ description: 'What happened this time.' })
  detail: string;

  @ApiProperty({ enum: Object.keys(ERROR_CODES), enumName: 'ErrorCode', description: 'Stable, for programs.' })
  code: ErrorCode;

  @ApiProperty({ format: 'uri', description: 'Names this request; the log has it under the same id.' })
  instance: string;

  @ApiPropertyOptional({ type: [ProblemFieldError], description: 'Every broken rule of every field.' })
  errors?: ProblemFieldError[];

  @ApiPropertyOptional({ enum: PERMISSIONS, description: 'With `forbidden`: what the API key lacks.' })
  permission?: Permission;

  @ApiPropertyOptional({ type: [ProblemWebhook], description: 'With `api_key_in_use`: what the key signs, up to 100.' })
  webhooks?: ProblemWebhook[];

  @ApiPropertyOptional({ type: ReadyChecks, description: 'Of `/readyz`: what can be used.' })
  checks?: ReadyChecks;
}
