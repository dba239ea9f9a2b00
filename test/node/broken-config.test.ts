import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { defaultCredentials } from '../../src/node/index.js'
import { temporaryFolder } from '../support/processes.js'

it.each([
  ['{"auths": {}', /^Correct the file\. Or move it away, and run docker login again/],
  ['[]', /^Correct the file\./],
  ['{"auths": {"registry.example.com": {"auth": "%%%"}}}', /^Have it written anew: docker login/],
])('a config.json that cannot be read says what to do: %s', async (text, hint) => {
  const folder = await temporaryFolder()
  onTestFinished(() => folder.remove())
  await writeFile(join(folder.path, 'config.json'), text)
  const chain = defaultCredentials({}, { env: { DOCKER_CONFIG: folder.path } })
  const error: unknown = await chain
    .resolve({ registry: 'registry.example.com', repository: 'team/app' })
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'ERR_CREDENTIALS', message: expect.stringContaining(folder.path) as string })
  expect(error).toHaveProperty('hint', expect.stringMatching(hint))
})
