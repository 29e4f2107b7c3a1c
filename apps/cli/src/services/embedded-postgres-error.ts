/** Why the embedded PostgreSQL could not be started or stopped; stable, for programs. */
export type EmbeddedPostgresErrorCode =
  | 'platform_unsupported'
  | 'binaries_unusable'
  | 'no_place_for_data'
  | 'init_failed'
  | 'version_mismatch'
  | 'data_directory_unusable'
  | 'password_refused'
  | 'port_taken'
  | 'start_failed'
  | 'stop_failed';

/**
 * A fault of the machine that the embedded PostgreSQL runs on. The message is one plain sentence (or two) for the person
 * at the terminal and never holds the password; it does not travel over HTTP, so it is no SignpostError.
 */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';

  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
