/** Provides the process's whole `Config`. */
export const CONFIG = Symbol('Config');
