import { servesHere, usesOf } from './judge/uses.ts';
import { ComposeProblem } from './problem.ts';
import type { Project } from './model/model.ts';

/** Services that name an Ollama, and those that serve one. */
export function roles(project: Project): { clients: string[]; servers: string[] } {
  const services = [...project.services.values()];
  return {
    clients: services.filter((one) => usesOf(one).length > 0).map((one) => one.name),
    servers: services.filter(servesHere).map((one) => one.name),
  };
}

/**
 * The project as it is with these profiles on (compose-spec 15-profiles.md); with none named, with all its services.
 * @throws ComposeProblem for a profile that no service has
 */
export function withProfiles<T extends Project>(project: T, profiles: readonly string[]): T {
  if (profiles.length === 0) return project;
  const all = new Set([...project.services.values()].flatMap((one) => one.profiles));
  const unknown = profiles.find((profile) => profile !== '*' && !all.has(profile));
  if (unknown !== undefined)
    throw new ComposeProblem(
      `no service has the profile ${unknown}`,
      undefined,
      all.size === 0 ? 'there are none here' : `there are: ${[...all].join(', ')}`,
    );
  const on = [...project.services].filter(
    ([, one]) =>
      one.profiles.length === 0 ||
      profiles.includes('*') ||
      one.profiles.some((profile) => profiles.includes(profile)),
  );
  return { ...project, services: new Map(on) };
}
