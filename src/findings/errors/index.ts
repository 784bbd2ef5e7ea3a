export { type Explained, explainStream, explainText, mostBytes } from './input.ts';
export { type ExplainedError, explainedError } from './result.ts';
