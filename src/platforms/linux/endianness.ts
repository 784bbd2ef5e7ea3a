/** True where the kernel writes the words of /proc/net/tcp most significant byte first. */
export function isBigEndian(arch: string): boolean {
  return ['s390', 's390x', 'ppc', 'mips'].includes(arch);
}
