import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode, type FieldError, type ProblemDocument } from '@signpost/domain';

/** One rule that one field of the request broke. */
export class ProblemFieldError implements FieldError {
  @ApiProperty({ description: 'Path from the root of the body or query: `events[3].type`.' })
  field: string;

  @ApiProperty({ description: 'Stable name of the broken rule.', examples: ['required', 'unknown_property'] })
  rule: string;

  @ApiProperty({ description: 'One sentence for people.' })
  message: string;
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
}
