// Each tier is a jest project of its own, so `npm test` never starts a cluster, a rack or a database.
const shared = {
  testEnvironment: 'node',
  // A bumped image or chart changes no snapshot.
  snapshotSerializers: ['<rootDir>/test/pins/snapshot-serializer.ts'],
  // Packages published as ES modules only are compiled for jest, which loads CommonJS.
  transformIgnorePatterns: [
    '/node_modules/(?!(ml-[a-z-]+|is-any-array|hyparquet|hyparquet-writer|hyparquet-compressors|@hpcc-js)/)',
  ],
  // Types are checked by tsc beside the tests.
  transform: {
    '^.+\\.[tj]s$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
};

// `measurement` holds what needs a quiet machine to be true; no tier that must pass everywhere includes it.
const heavyTiers = ['cluster', 'live', 'rack', 'experiments', 'delivery', 'measurement'];

module.exports = {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      globalSetup: '<rootDir>/test/leftovers/own-temporary-folder.ts',
      globalTeardown: '<rootDir>/test/leftovers/refuse-leftovers.ts',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', `\\.(${heavyTiers.join('|')})\\.test\\.ts$`],
    },
    ...heavyTiers.map((tier) => ({
      ...shared,
      displayName: tier,
      testMatch: [`<rootDir>/test/**/*.${tier}.test.ts`],
    })),
  ],
};
