import assert from 'node:assert/strict'
import { createRegistryClient, type RegistryClientOptions } from 'pullpass/registry'
import { makeTestImage, startTestRegistry } from 'pullpass/testing'

const user = { username: 'myuser', password: 'mypassword' }
await using registry = await startTestRegistry({ user, images: { 'app:1.0': makeTestImage() } })
const options: RegistryClientOptions = { credentials: () => user }
await using client = createRegistryClient(options)
const { digest } = await client.checkPull(`${registry.host}/app:1.0`)
assert.match(digest, /^sha256:/)
