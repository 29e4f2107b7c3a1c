import js from '@eslint/js';
import jest from 'eslint-plugin-jest';
import jsxA11y from 'eslint-plugin-jsx-a11y-x';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const TYPESCRIPT = '**/*.{ts,tsx}';
const TESTS = ['**/*.spec.{ts,tsx}', '**/testing/**', 'test/**'];
const MIGRATIONS = 'libs/database/src/migrations/**';
const ENTRY_POINTS = 'apps/*/src/main.ts';

const FROM_CONFIG = 'Only libs/config reads the environment; take a Config, or the one setting, as a parameter.';
const PURE = 'The domain is pure: take the time or the randomness as a parameter.';
const GUARDED = 'Requests leave through the guarded sender of libs/delivery alone.';
const NO_FORWARD_REF = 'Two modules that need each other want a third one.';

const environment = { object: 'process', property: 'env', message: FROM_CONFIG };
const environmentImports = ['node:process', 'process'].map((name) => ({
  name,
  importNames: ['env'],
  message: FROM_CONFIG,
}));
const impureCalls = [
  { object: 'Date', property: 'now', message: PURE },
  { object: 'performance', property: 'now', message: PURE },
  { object: 'Math', property: 'random', message: PURE },
];

export default defineConfig(
  globalIgnores(['**/dist/', '**/coverage/', '.cache/', '.data/']),
  // A rule is switched off here, once and with the reason, never by a comment in the code.
  { linterOptions: { noInlineConfig: true } },
  js.configs.recommended,

  {
    files: ['**/*.{mjs,cjs}'],
    languageOptions: { globals: globals.node },
  },

  {
    files: [TYPESCRIPT],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Leaves files with decorators alone where Nest reads a parameter's type at run time.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // A `default` with assertNever guards against values that the types do not know.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { allowDefaultCaseForExhaustiveSwitch: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/require-array-sort-compare': 'error',
      // Six injected dependencies at most.
      '@typescript-eslint/max-params': ['error', { max: 6 }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A Nest module is an empty class with a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // A decorated property keeps its type annotation: Nest reads it at run time.
      '@typescript-eslint/no-inferrable-types': ['error', { ignoreProperties: true }],
      '@typescript-eslint/no-empty-function': ['error', { allow: ['overrideMethods'] }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // An empty string often counts as none, and `||` says so.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      // `process.env['NAME']` shows that the name may be missing; `process.env.NAME` would look like a property that exists.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      // Views and entities are plain data whose class only carries decorators: literals and spreads make them.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      // An async function without await still turns a thrown error into a rejection, as its interface promises.
      '@typescript-eslint/require-await': 'off',
      // In a function that returns nothing, `return stop();` is a way to return early.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // `x === null || x.y === null` has no optional chain that keeps `===`.
      '@typescript-eslint/prefer-optional-chain': 'off',
      // The name of an index signature's key is documentation.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
    },
  },

  {
    rules: {
      eqeqeq: 'error',
      'array-callback-return': 'error',
      'no-console': 'error',
      'no-constructor-return': 'error',
      'no-self-compare': 'error',
      'no-template-curly-in-string': 'error',
      // A for…of that returns at once takes the first element.
      'no-unreachable-loop': ['error', { ignore: ['ForOfStatement'] }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // Programs that a person starts write to the terminal.
    files: ['bin/**', ENTRY_POINTS, 'apps/cli/**', ...TESTS],
    rules: { 'no-console': 'off' },
  },
  {
    files: [...TESTS, MIGRATIONS],
    rules: { 'max-lines': 'off', 'max-lines-per-function': 'off' },
  },

  {
    files: [TYPESCRIPT],
    ignores: ['libs/config/**', ENTRY_POINTS, ...TESTS],
    rules: {
      'no-restricted-properties': ['error', environment],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            ...environmentImports,
            { name: '@nestjs/common', importNames: ['forwardRef'], message: NO_FORWARD_REF },
          ],
        },
      ],
    },
  },
  {
    files: ['libs/**/*.ts', 'apps/{api,worker}/**/*.ts'],
    ignores: ['libs/client/**', ...TESTS],
    rules: { 'no-restricted-globals': ['error', { name: 'fetch', message: GUARDED }] },
  },
  {
    // Copied into other projects, some of which only strip the types (`erasableSyntaxOnly`).
    files: ['libs/client/**/*.ts'],
    rules: { '@typescript-eslint/parameter-properties': 'error' },
  },
  {
    files: ['libs/domain/**/*.ts'],
    ignores: TESTS,
    rules: {
      'no-restricted-properties': ['error', environment, ...impureCalls],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: PURE },
      ],
    },
  },

  {
    files: ['apps/dashboard/src/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest'], jsxA11y.configs.recommended],
    languageOptions: { globals: globals.browser },
    rules: {
      // Nobody waits for a promise that an event handler returns; the work reports its own failure.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      // Code tells the router where to go by throwing one of these.
      '@typescript-eslint/only-throw-error': [
        'error',
        { allow: [{ from: 'package', name: ['Redirect', 'NotFoundError'], package: '@tanstack/router-core' }] },
      ],
      // Regions that scroll must be reachable with the keyboard.
      'jsx-a11y-x/no-noninteractive-tabindex': ['error', { tags: [], roles: ['region'] }],
      'jsx-a11y-x/no-autofocus': ['error', { ignoreNonDOM: true }],
    },
  },
  {
    // Generated from the API's OpenAPI document.
    files: ['apps/dashboard/src/api/schema.ts'],
    rules: { 'max-lines': 'off', '@typescript-eslint/consistent-type-definitions': 'off' },
  },

  {
    files: TESTS,
    rules: {
      // Jest's matchers and the answers of an API under test have no type of their own.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      // The types do not follow values that a callback changes while a test waits.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // If the value is missing, the test fails, as it should.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  {
    files: ['**/*.spec.{ts,tsx}'],
    extends: [jest.configs['flat/recommended']],
    rules: {
      // A call that waits until a condition holds is an assertion.
      'jest/expect-expect': [
        'error',
        { assertFunctionNames: ['expect*', 'assert', 'fc.assert', 'until', '**.until', '**.waitFor*'] },
      ],
      'jest/no-disabled-tests': 'error',
      'jest/no-commented-out-tests': 'error',
      // Tests narrow a union before they look at its members.
      'jest/no-conditional-expect': 'off',
    },
  },
);
