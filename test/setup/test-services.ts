/** The servers that one test run started. */
export interface TestServices {
  readonly stops: readonly {
    readonly stop: () => Promise<void>;
    readonly directories: readonly string[];
    /** Ends the watch for the death of the test run; see end-with-parent. */
    readonly callOff: () => void;
  }[];
}

/** Jest loads the modules of set-up and teardown separately, so they share the services through the global object. */
const holder = globalThis as typeof globalThis & { signpostTestServices?: Promise<TestServices> | undefined };

export function startedServices(): Promise<TestServices> | undefined {
  return holder.signpostTestServices;
}

export function rememberServices(services: Promise<TestServices>): Promise<TestServices> {
  holder.signpostTestServices = services;
  return services;
}

/** Returns the started servers at the first call, and nothing afterwards. */
export async function forgetServices(): Promise<TestServices | undefined> {
  const services = holder.signpostTestServices;
  holder.signpostTestServices = undefined;
  return services;
}
