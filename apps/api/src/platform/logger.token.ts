/** Provides the process's pino log. */
export const LOGGER = Symbol('Logger');
