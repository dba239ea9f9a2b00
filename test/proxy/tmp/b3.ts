import { caSecret } from '../../../src/proxy/index.js'

const pem = '-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n'
const { secret, volume, volumeMount, caPath } = caSecret({ pem, namespace: 'opencti' })
// create `secret`; `volume` into spec.volumes, `volumeMount` into each container, `caPath` into proxyEnvironment
console.log(secret.metadata.name, volume.name, volumeMount.mountPath, caPath)
