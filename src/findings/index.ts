export {
  catalogue,
  docsAnchor as docsFor,
  findingEntries,
  findingEntry,
  type FindingCode,
} from './catalogue.ts';
export { checkIds } from './checks.ts';
export { recipes } from './recipes.ts';
