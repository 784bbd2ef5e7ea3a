// Deep import: the package's own entry loads fetch, caches and mocks, three times the start-up cost of the client.
declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici';
}
