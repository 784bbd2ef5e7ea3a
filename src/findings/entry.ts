import type { RecipeId } from './recipes.ts';

/** What a person is told about a finding code, wherever they meet it. */
export interface Entry {
  /** A few words; the heading of the finding. */
  title: string;
  /** Two to four sentences: what is going on, and why it breaks what they see. */
  meaning: string;
  /** How to see it by hand. */
  look: readonly Look[];
  /** How it is mended, by hand or by a recipe. */
  mend: string;
  /** Recipes that cure it, the usual one first; empty where a person has to decide. */
  recipes: readonly RecipeId[];
}

/** A command to type, and what in its output tells. `NAME` stands for a container's name. */
interface Look {
  /** The system it is for; absent means any. */
  on?: 'linux' | 'macos' | 'windows';
  command: string;
  tells: string;
}

/** Entries of one check by code. */
export type Group = Readonly<Record<string, Entry>>;
