import { isIP } from 'node:net';
import type { HostAddress } from '../../firewall/index.ts';
import { suggestion } from '../closest.ts';
import { usage } from '../failure.ts';

/** A TCP port, 1 to 65535. */
export function port(option: string): (value: string) => number {
  return (value) => {
    if (!/^\d{1,5}$/u.test(value) || Number(value) > 65_535 || Number(value) === 0)
      throw usage(`${option} takes a port, not '${value}'`);
    return Number(value);
  };
}

/** An IP address without brackets. */
export function address(option: string): (value: string) => string {
  return (value) => {
    if (isIP(value) === 0) throw usage(`${option} takes an IP address, not '${value}'`);
    return value;
  };
}

/** Addresses of the host, each `IFACE=IP/LEN`; given several times, or several with commas. */
export function localAddresses(
  option: string,
): (value: string, before: HostAddress[] | undefined) => HostAddress[] {
  return (value, before = []) => [
    ...before,
    ...value.split(',').map((part) => localAddress(option, part.trim())),
  ];
}

function localAddress(option: string, value: string): HostAddress {
  const found = /^([^=\s]+)=([^/]+)\/(\d{1,3})$/u.exec(value);
  const [, iface = '', ip = '', length = ''] = found ?? [];
  const family = isIP(ip);
  if (family === 0 || Number(length) > (family === 4 ? 32 : 128)) {
    throw usage(`${option} takes IFACE=IP/LEN, not '${value}'`, 'for example docker0=172.17.0.1/16');
  }
  return { interface: iface, address: ip, prefixLength: Number(length) };
}

const rulesetFormats = ['iptables-save', 'ip6tables-save', 'nft-json'] as const;
export type RulesetFormat = (typeof rulesetFormats)[number];

/** A file with a listing, and its format where it was named. */
export interface RulesetFile {
  path: string;
  format?: RulesetFormat;
}

/** Files with listings, each `[FORMAT:]FILE`; given several times, or several with commas. */
export function rulesetFiles(
  option: string,
): (value: string, before: RulesetFile[] | undefined) => RulesetFile[] {
  return (value, before = []) => [
    ...before,
    ...value.split(',').map((part) => rulesetFile(option, part.trim())),
  ];
}

function rulesetFile(option: string, value: string): RulesetFile {
  if (value === '') throw usage(`${option} needs a file`);
  // Two letters at least: `C:\rules.v4` is a file.
  const [, word, path] = /^([a-z][a-z0-9-]+):(.*)$/u.exec(value) ?? [];
  if (word === undefined || path === undefined) return { path: value };
  const format = rulesetFormats.find((each) => each === word);
  if (format === undefined)
    throw usage(`${option} does not know the format '${word}'`, suggestion(word, rulesetFormats));
  if (path === '') throw usage(`${option} ${word}: needs a file`);
  return { path, format };
}
