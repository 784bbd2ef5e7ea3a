import { expect, it } from 'vitest';
import { findCauses } from '../../src/diagnosis/causes.ts';
import { rowsOf } from './host-of-values.ts';

it('has no complaint about a healthy server', async () => {
  const rows = await rowsOf();
  expect(rows.filter((row) => row.status !== 'pass' && row.status !== 'not-applicable')).toEqual([]);
  expect(findCauses(rows)).toEqual([]);
});
