import { prepareLab } from './prepare.ts';

/** Runs before the first file of the lab: what all files need is built once, not by several of them side by side. */
export default async function beforeAll(): Promise<void> {
  await prepareLab();
}
