import assert from 'node:assert/strict'
import { makeTestImage, startTestRegistry, type TestImage } from 'pullpass/testing'

const image: TestImage = makeTestImage({ message: 'hello' })
await using registry = await startTestRegistry({ images: { 'app:1.0': image } })
const { status } = await fetch(`http://${registry.host}/v2/app/manifests/1.0`)
assert.equal(status, 200)
