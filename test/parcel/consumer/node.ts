import assert from 'node:assert/strict'
import { defaultCredentials, type DefaultCredentialsOptions, loadSettings } from 'pullpass/node'

const options: DefaultCredentialsOptions = { env: { DOCKER_AUTH_CONFIG: '{"auths":{}}', HOME: '/none' } }
const { source } = await defaultCredentials({}, options).resolve({
  registry: 'registry.example.com',
  repository: 'app',
})
assert.equal(source, 'anonymous')
await assert.rejects(loadSettings({ file: '/none.yaml', env: {} }), { code: 'ERR_SETTINGS' })
