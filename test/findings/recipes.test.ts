import { describe, expect, it } from 'vitest';
import { findingEntries, recipes } from '../../src/findings/index.ts';
import { recipeList } from '../../src/recipes/index.ts';

describe('what the catalogue says of recipes', () => {
  it('describes every recipe there is, and none that is not', () => {
    expect(Object.keys(recipes).toSorted()).toEqual(recipeList.map((recipe) => recipe.id).toSorted());
  });

  it.each(findingEntries.map((entry) => [entry.code, entry] as const))(
    'promises for %s exactly the recipes that cure it',
    (code, entry) => {
      const cures = recipeList.filter((recipe) => recipe.cures.includes(code)).map((recipe) => recipe.id);
      expect([...entry.recipes].toSorted()).toEqual(cures.toSorted());
    },
  );
});
