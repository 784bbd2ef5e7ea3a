import about from '../../package.json' with { type: 'json' };

/** The version of this program, as in its package. */
export const toolVersion: string = about.version;

/** What every document says of who wrote it. */
export const tool = { name: 'ollama-doctor', version: toolVersion } as const;
