/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** Nest 12, better-auth and a few of their dependencies ship only ES modules. Of node_modules, only these packages are transformed. */
const ES_MODULES_ONLY =
  '(?:.*/)?(?:@nestjs|cookie|content-disposition|better-auth|@better-auth|@noble|jose|nanostores|rou3)/';

const shared = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.(?:m?js|ts)$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          // As in .swcrc, so that the tests run the same code as the build.
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!${ES_MODULES_ONLY})`],
  moduleNameMapper: { '^@signpost/(\\w+)(|/\\w+)$': '<rootDir>/libs/$1/src$2' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.data/', '<rootDir>/.cache/'],
} satisfies Config['projects'] extends (infer P)[] | undefined ? P : never;

const config: Config = {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/libs/**/*.spec.ts', '<rootDir>/apps/**/*.spec.ts'],
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/setup/start-services.ts',
      globalTeardown: '<rootDir>/test/setup/stop-services.ts',
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/setup/start-services.ts',
      globalTeardown: '<rootDir>/test/setup/stop-services.ts',
    },
    {
      ...shared,
      displayName: 'browser',
      testMatch: ['<rootDir>/test/browser/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/setup/start-browser-services.ts',
      globalTeardown: '<rootDir>/test/setup/stop-services.ts',
    },
  ],
  testTimeout: 120_000,
};

export default config;
