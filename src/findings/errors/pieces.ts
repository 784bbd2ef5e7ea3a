/**
 * Where the pieces occur in a text, one behind the other: the index of the first; -1 when they do not. The text is in
 * small letters. Plain searching, so that no input makes it slow.
 */
export function findPieces(text: string, pieces: readonly string[]): number {
  let start = -1;
  let from = 0;
  for (const piece of pieces) {
    const at = indexOf(text, piece, from);
    if (at < 0) return -1;
    if (start < 0) start = at;
    from = at + piece.length;
  }
  return start;
}

function indexOf(text: string, piece: string, from: number): number {
  for (let at = text.indexOf(piece, from); at >= 0; at = text.indexOf(piece, at + 1)) {
    const cutsBefore = isDigit(piece.charAt(0)) && isWord(text.charAt(at - 1));
    const cutsBehind = isDigit(piece.charAt(piece.length - 1)) && isWord(text.charAt(at + piece.length));
    if (!cutsBefore && !cutsBehind) return at;
  }
  return -1;
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

function isWord(character: string): boolean {
  return isDigit(character) || (character >= 'a' && character <= 'z');
}
