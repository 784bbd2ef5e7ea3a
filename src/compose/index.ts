export { type LoadedProject, loadProject, type ProjectRequest } from './load/project.ts';
export { type EditedProject, editProject } from './edit/edit-project.ts';
export { editPlan, servicesOf } from './edit/plan.ts';
export { urlCure } from './edit/url-cure.ts';
export {
  type Around,
  type ComposeFinding,
  type Cure,
  judge,
  type PortHolder,
  publishedPorts,
} from './judge/index.ts';
export type { Project } from './model/model.ts';
export { type Asked, chooseFiles } from './request.ts';
export { placeOf } from './source.ts';
export { roles, withProfiles } from './roles.ts';
