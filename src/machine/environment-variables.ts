/**
 * The environment variables the doctor reads of its own process. Nothing else of the environment is looked at, so
 * nothing else can end up in a recording.
 */
export const readVariables = [
  'OLLAMA_HOST',
  'OLLAMA_ORIGINS',
  'OLLAMA_MODELS',
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'CONTAINER_HOST',
  'CONTAINER_CONNECTION',
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'XDG_STATE_HOME',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'WSL_DISTRO_NAME',
  'WSL_INTEROP',
  'SUDO_UID',
  'SUDO_USER',
  'LOCALAPPDATA',
  'APPDATA',
  'USERPROFILE',
] as const;
