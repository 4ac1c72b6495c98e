import { forbiddenRules } from './scripts/law.ts';

/** The import law of packages/sallyport/src, made from one table (scripts/law.ts). `npm run law` checks it. */
export default {
  forbidden: forbiddenRules,
  options: {
    // TypeScript 7 has no compiler API; with the default parser this tool would see no modules and find nothing wrong.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'packages/apis/src/gen/.*\\.d\\.ts$' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs'],
    },
  },
};
