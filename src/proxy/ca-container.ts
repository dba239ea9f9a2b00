import { PullpassError } from '../errors.js'
import { splitPemCertificates } from './pem.js'

/** Where containers find the certificate authorities, unless said otherwise. */
const CA_PATH = '/etc/proxy-ca/ca.pem'

/** An entry of a container's `HostConfig.Mounts`, as Docker's API has it. */
export interface CaMount {
  Type: 'bind'
  Source: string
  Target: string
  ReadOnly: true
}

/** Options of {@link caMount}. */
export interface CaMountOptions {
  /** The file on the machine of the engine. Absolute. */
  readonly hostPath: string
  /** Where the container finds it. Absolute; default `/etc/proxy-ca/ca.pem`. */
  readonly containerPath?: string | undefined
}

/**
 * A file of certificate authorities as a read-only mount for a Docker container: one for `HostConfig.Mounts`, or for
 * `TaskTemplate.ContainerSpec.Mounts` of a Swarm service. Its `Target` is the `caPath` for `proxyEnvironment`.
 *
 * @throws {TypeError} A path is not absolute.
 */
export function caMount({ hostPath, containerPath = CA_PATH }: CaMountOptions): CaMount {
  if (!isHostPath(hostPath)) throw new TypeError('caMount: hostPath is not an absolute path')
  if (!containerPath.startsWith('/')) throw new TypeError('caMount: containerPath is not an absolute path')
  return { Type: 'bind', Source: hostPath, Target: containerPath, ReadOnly: true }
}

/** Whether it is an absolute path on a Docker host, of whatever system. */
export function isHostPath(path: unknown): boolean {
  return typeof path === 'string' && /^(?:\/|[A-Za-z]:[\\/])/.test(path)
}

/** Options of {@link caSecret}. */
export interface CaSecretOptions {
  /** One certificate or more. Anything else in the text is left out. */
  readonly pem: string
  /** Default `pullpass-proxy-ca`. */
  readonly name?: string | undefined
  /** Default: that of the request which creates the Secret. */
  readonly namespace?: string | undefined
  /** Where the container finds the file. Absolute; default `/etc/proxy-ca/ca.pem`. */
  readonly containerPath?: string | undefined
}

/** What gives a pod the certificate authorities, in the shapes of the Kubernetes API. */
export interface CaSecret {
  /** To be created beside the pod. */
  secret: {
    apiVersion: 'v1'
    kind: 'Secret'
    type: 'Opaque'
    metadata: { name: string; namespace?: string }
    data: Record<string, string>
  }
  /** For the pod's `spec.volumes`. */
  volume: { name: string; secret: { secretName: string; items: { key: string; path: string }[] } }
  /** For the `volumeMounts` of each container. */
  volumeMount: { name: string; mountPath: string; readOnly: true }
  /** Where the containers find the file: the `caPath` for `proxyEnvironment`. */
  caPath: string
}

/**
 * Certificate authorities as a Kubernetes Secret, with the volume and the mount that bring it into a pod. The mount is
 * of the file's folder, which hides what the image has there, and follows when the Secret changes.
 *
 * @throws {PullpassError} `ERR_SETTINGS`: `pem` holds no certificate, or one that does not end.
 * @throws {TypeError} `containerPath` is not an absolute path of a file in a folder.
 */
export function caSecret({
  pem,
  name = 'pullpass-proxy-ca',
  namespace,
  containerPath = CA_PATH,
}: CaSecretOptions): CaSecret {
  const certificates = splitPemCertificates(pem)
  if (certificates.length === 0) {
    throw new PullpassError('ERR_SETTINGS', 'caSecret: pem: found no certificate, expected one at least', {
      hint: 'Give the text of the file, not its path.',
    })
  }
  const slash = containerPath.lastIndexOf('/')
  const file = containerPath.slice(slash + 1)
  if (!containerPath.startsWith('/') || slash === 0 || file === '') {
    throw new TypeError('caSecret: containerPath is not an absolute path of a file in a folder')
  }
  const volume = 'proxy-ca'
  return {
    secret: {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: { name, ...(namespace !== undefined && { namespace }) },
      data: { 'ca.pem': btoa(certificates.join('')) },
    },
    volume: { name: volume, secret: { secretName: name, items: [{ key: 'ca.pem', path: file }] } },
    volumeMount: { name: volume, mountPath: containerPath.slice(0, slash), readOnly: true },
    caPath: containerPath,
  }
}
