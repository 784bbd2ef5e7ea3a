/** Of a chain without rules; many have one alone, for which an array that grows has room for too many. */
const NONE: number[] = [];

/** Where rules lie in a listing, in three numbers each: a listing may have a hundred thousand of them. */
export class Slots {
  private numbers: number[] = NONE;

  get length(): number {
    return this.numbers.length / 3;
  }

  /** @param plain whether it is certain that what lies there is sound JSON with nothing escaped in it */
  add(start: number, end: number, plain: boolean): void {
    if (this.numbers === NONE) this.numbers = [start, end, plain ? 1 : 0];
    else this.numbers.push(start, end, plain ? 1 : 0);
  }

  /** Offset of the first character of rule `index`, from 0; of one that there is none of, past any text. */
  start(index: number): number {
    return this.numbers[3 * index] ?? Number.POSITIVE_INFINITY;
  }

  /** Offset past its last character. */
  end(index: number): number {
    return this.numbers[3 * index + 1] ?? Number.POSITIVE_INFINITY;
  }

  isPlain(index: number): boolean {
    return this.numbers[3 * index + 2] === 1;
  }
}
