import assert from 'node:assert/strict'
import { parseOpenCtiSettings, type Settings } from 'pullpass/settings'

const settings: Settings = parseOpenCtiSettings({
  opencti: { daemon: { registry: { server: 'registry.example.com', username: 'myuser', password: 'mypassword' } } },
})
assert.equal(settings.registry?.username, 'myuser')
