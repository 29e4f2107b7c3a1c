/**
 * The arrows between the parts: apps → libs; delivery → domain; config → domain; database, queue → domain and
 * delivery's ports; domain and client → nothing. Tests may import what they like.
 */
const TESTS = '(^test/|\\.spec\\.tsx?$|/testing/)';
/** Own source files: everything but tests. */
const CODE = '^(apps|libs)/';
const NPM = 'node_modules/';

/** A library that may import only these libraries of ours, beside itself. */
function libraryMayImport(name, libraries, reason) {
  const allowed = [name, ...libraries].join('|');
  return {
    name: `${name}-arrows`,
    comment: reason,
    severity: 'error',
    from: { path: `^libs/${name}/`, pathNot: TESTS },
    to: { path: '^(libs|apps|bin|test)/', pathNot: `^libs/(${allowed})/` },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    libraryMayImport('domain', [], 'The domain depends on nothing.'),
    libraryMayImport(
      'delivery',
      ['domain'],
      'The pipeline knows the domain; what it needs else it declares as a port.',
    ),
    libraryMayImport('database', ['domain', 'delivery'], 'The database implements ports of the pipeline.'),
    libraryMayImport('queue', ['domain', 'delivery'], 'The queue implements ports of the pipeline.'),
    libraryMayImport('people', ['domain'], 'Proving who one is, by a library; what people may do is not its business.'),
    libraryMayImport('config', ['domain'], 'The configuration is made of words of the domain.'),
    libraryMayImport('client', [], 'The client is published alone.'),
    {
      name: 'domain-is-pure',
      comment: 'No framework, no package, no IO: of the world the domain knows node:crypto alone.',
      severity: 'error',
      from: { path: '^libs/domain/', pathNot: TESTS },
      to: { pathNot: ['^libs/', '^(node:)?crypto$'] },
    },
    {
      name: 'delivery-knows-no-framework',
      comment: 'Nest, TypeORM, BullMQ and drivers stay behind the ports; HTTP goes through undici.',
      severity: 'error',
      from: { path: '^libs/delivery/', pathNot: TESTS },
      to: { path: NPM, pathNot: `${NPM}undici/` },
    },
    {
      name: 'client-needs-no-package',
      comment: 'A store installs the client into its own service.',
      severity: 'error',
      from: { path: '^libs/client/', pathNot: TESTS },
      to: { path: NPM },
    },
    {
      name: 'queue-hides-bullmq',
      comment: 'All BullMQ lives in libs/queue.',
      severity: 'error',
      from: { path: CODE, pathNot: ['^libs/queue/', TESTS] },
      to: { path: `${NPM}(bullmq|@nestjs/bullmq)/` },
    },
    {
      name: 'people-hides-better-auth',
      comment: 'The sign-in library stays behind libs/people.',
      severity: 'error',
      from: { path: CODE, pathNot: ['^libs/people/', TESTS] },
      to: { path: `${NPM}(better-auth|@better-auth|kysely)/` },
    },
    {
      name: 'requests-leave-guarded',
      comment: 'What connects to an address of a webhook is the sender, which checked that address.',
      severity: 'error',
      from: { path: '^(libs|apps/(api|worker))/', pathNot: ['^libs/delivery/src/sender/', '^libs/client/', TESTS] },
      to: { path: [`${NPM}undici/`, '^(node:)?(https?|http2|tls)$'] },
    },
    {
      name: 'requests-leave-from-the-worker',
      comment: 'Nobody else loads the sender and its HTTP client.',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: ['^apps/worker/', '^libs/delivery/src/sender/', TESTS] },
      to: { path: '^libs/delivery/src/sender/index\\.ts$' },
    },

    {
      name: 'no-app-to-app',
      comment: 'What two apps share is a library.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: TESTS },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'no-lib-to-app',
      severity: 'error',
      from: { path: '^libs/', pathNot: TESTS },
      to: { path: '^apps/' },
    },
    {
      name: 'dashboard-talks-http',
      comment: 'The dashboard runs in a browser: it shares no code with the server, only the OpenAPI document.',
      severity: 'error',
      from: { path: '^apps/dashboard/' },
      to: { path: '^(libs|bin|test|apps/(api|worker|cli))/' },
    },
    {
      name: 'lib-by-its-front-door',
      comment: 'A library is imported as @signpost/<name>, which is its index. The sender has a front door of its own.',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/', pathNot: TESTS },
      to: { path: '^libs/', pathNot: ['^libs/$2/', '^libs/([^/]+/src|delivery/src/sender)/index\\.ts$'] },
    },
    {
      name: 'lib-by-its-name',
      comment: 'A library is imported as @signpost/<name>, not by a relative path.',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/', pathNot: TESTS },
      to: { path: '^libs/', pathNot: '^libs/$2/', dependencyTypesNot: ['aliased'] },
    },

    {
      name: 'no-cycle',
      comment: 'Also between types: what needs each other is one file, or wants a third one.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      comment: 'A file that imports nothing and is imported by nobody.',
      severity: 'error',
      from: { orphan: true, path: '\\.tsx?$', pathNot: ['\\.spec\\.tsx?$', '\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'no-test-in-production',
      severity: 'error',
      from: { path: CODE, pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: 'no-dev-dependency-in-production',
      comment: 'It is not there after `npm install --omit=dev`.',
      severity: 'error',
      from: { path: '^(apps/(api|worker|cli)|libs)/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: `${NPM}@types/` },
    },
    {
      name: 'no-undeclared-dependency',
      comment: 'A package that only a dependency brings may go with its next version.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],

  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(apps/dashboard/)?(dist|coverage|\\.cache|\\.data)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // An import of a type is an arrow too.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['main', 'types', 'typings'],
    },
  },
};
