import { describe, expect, it } from 'vitest';
import { simulate } from '../../../src/machine/simulated.ts';
import { lookAtModelFolders } from '../../../src/platforms/linux/model-folders.ts';

describe('folders of models', () => {
  it("are the service's and the user's, read from their manifests", async () => {
    const machine = simulate({
      identity: { home: '/root', invokedBy: { user: 'dora', uid: 1000, home: '/home/dora' } },
      files: {
        '/usr/share/ollama/.ollama/models/manifests/registry.ollama.ai/library/llama3.2/latest': '{}',
        '/home/dora/.ollama/models/manifests/registry.ollama.ai/dora/mine/1b': '{}',
        '/home/dora/.ollama/models/manifests/hf.co/x/y-GGUF/Q4_K_M': '{}',
        '/root/.ollama/id_ed25519': 'secret',
      },
    });
    expect(await lookAtModelFolders(machine, [])).toEqual([
      { path: '/usr/share/ollama/.ollama/models', models: ['llama3.2:latest'] },
      { path: '/home/dora/.ollama/models', models: ['hf.co/x/y-GGUF:Q4_K_M', 'dora/mine:1b'] },
    ]);
  });

  it('are none where nothing is, and no folder is looked into without end', async () => {
    expect(await lookAtModelFolders(simulate(), [])).toEqual([]);
    const files = Object.fromEntries(
      Array.from({ length: 900 }, (_, index) => [
        `/root/.ollama/models/manifests/registry.ollama.ai/library/m${index}/latest`,
        '{}',
      ]),
    );
    const machine = simulate({ files });
    await lookAtModelFolders(machine, []);
    expect(machine.asked.length).toBeLessThanOrEqual(400);
  });
});
