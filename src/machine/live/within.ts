/**
 * What a promise gives, or what `late` gives when it took longer. The promise itself goes on (file and name look-ups
 * cannot be taken back); its result is then dropped.
 */
export async function within<T>(milliseconds: number, promise: Promise<T>, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late()), milliseconds);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
