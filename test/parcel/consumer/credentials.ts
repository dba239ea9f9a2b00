import assert from 'node:assert/strict'
import { credentialChain, type Credentials, registryAuthHeader } from 'pullpass/credentials'

const credentials: Credentials = { username: 'myuser', password: 'mypassword' }
const chain = credentialChain({ name: 'mine', provide: () => credentials })
const { source } = await chain.resolve({ registry: 'registry.example.com', repository: 'app' })
assert.equal(source, 'mine')
assert.match(registryAuthHeader(credentials, 'registry.example.com'), /^[\w-]+=*$/)
