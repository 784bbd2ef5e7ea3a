export {
  catalogue,
  docsAnchor as docsFor,
  findingEntries,
  findingEntry,
  type FindingCode,
  type FindingEntry,
} from './catalogue.ts';
export { checkIds, isCheckId, type CheckId } from './checks.ts';
export { recipes, type RecipeId } from './recipes.ts';
