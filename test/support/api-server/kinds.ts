import { isMap, type KubeObject, type Resource, same } from './objects.js'
import { badRequest, type Cause, invalid } from './status.js'

const REGEX = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start " +
  `and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${REGEX}')`
const MEBIBYTE = 1 << 20

/** What the server fills in where a client left it out. */
export function withDefaults(resource: Resource, object: KubeObject): KubeObject {
  switch (resource.plural) {
    case 'secrets':
      return secretDefaults(object)
    case 'namespaces': {
      const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name }
      return { ...object, metadata: { ...object.metadata, labels } }
    }
    case 'pods':
      return podDefaults(object)
    default:
      return object
  }
}

/** What a new object gets that no client owns. */
export function prepared(resource: Resource, object: KubeObject): KubeObject {
  switch (resource.plural) {
    case 'namespaces':
      return { ...object, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }
    case 'pods':
      return {
        ...object,
        metadata: { ...object.metadata, generation: 1 },
        status: object['status'] ?? { phase: 'Pending', qosClass: 'BestEffort' },
      }
    case 'deployments':
      return { ...object, metadata: { ...object.metadata, generation: 1 }, status: {} }
    default:
      return object
  }
}

/** Throws what the server answers to an object that it does not take. `before`: the one that is to be changed. */
export function validate(resource: Resource, object: KubeObject, before?: KubeObject): void {
  const causes = [...nameCauses(object), ...labelCauses(object)]
  if (resource.plural === 'secrets')
    causes.push(...secretCauses(object), ...(before ? secretChanges(object, before) : []))
  if (resource.plural === 'pods') causes.push(...podCauses(object))
  if (resource.plural === 'deployments') causes.push(...deploymentCauses(object, before))
  if (causes.length > 0) throw invalid(resource.kind, object.metadata.name, causes, resource.group || undefined)
}

/** Warnings that go along with a success. */
export function warningsFor(resource: Resource, object: KubeObject): string[] {
  if (resource.plural !== 'pods') return []
  const names = pullSecretsOf(object).map(({ name }) => name)
  return names.flatMap((name, index) =>
    names.indexOf(name) < index ? [`spec.imagePullSecrets[${index}].name: duplicate name "${name}"`] : [],
  )
}

function nameCauses({ metadata: { name } }: KubeObject): Cause[] {
  if (name === '') return [required('metadata.name', 'name or generateName is required')]
  const valid = name.length <= 253 && new RegExp(`^${REGEX}$`).test(name)
  return valid ? [] : [wrong('metadata.name', name, SUBDOMAIN)]
}

function labelCauses({ metadata: { labels = {} } }: KubeObject): Cause[] {
  const bad = Object.values(labels).filter((value) => !/^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$/.test(value))
  return bad.map((value) => wrong('metadata.labels', value, 'a valid label must be an empty string or consist of …'))
}

function secretDefaults({ stringData, data, ...rest }: KubeObject): KubeObject {
  for (const value of Object.values(isMap(data) ? data : {})) checkBase64(String(value))
  const encoded = Object.entries(isMap(stringData) ? stringData : {}).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ])
  const merged = { ...(isMap(data) ? data : {}), ...(Object.fromEntries(encoded) as object) }
  const { type, immutable, ...others } = rest
  return {
    ...others,
    ...(immutable !== undefined && { immutable }),
    ...(Object.keys(merged).length > 0 && { data: merged }),
    type: type ?? 'Opaque',
  }
}

function checkBase64(value: string): void {
  const wrongAt =
    /[^A-Za-z0-9+/=]/.exec(value)?.index ?? (value.length % 4 === 0 ? -1 : value.length - (value.length % 4))
  if (wrongAt < 0) return
  const why = `illegal base64 data at input byte ${wrongAt}`
  throw badRequest(`Secret in version "v1" cannot be handled as a Secret: ${why}`)
}

function secretCauses(secret: KubeObject): Cause[] {
  const data = isMap(secret['data']) ? (secret['data'] as Record<string, string>) : {}
  const values = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64')]))
  const size = Object.values(values).reduce((sum, value) => sum + value.length, 0)
  const large = size > MEBIBYTE
  const causes: Cause[] = large
    ? [cause('FieldValueTooLong', 'data', 'Too long: may not be more than 1048576 bytes')]
    : []
  const key = { 'kubernetes.io/dockerconfigjson': '.dockerconfigjson', 'kubernetes.io/dockercfg': '.dockercfg' }[
    String(secret['type'])
  ]
  if (key === undefined) return causes
  const value = values[key]
  const field = `data[${key}]`
  if (value === undefined) return [...causes, required(field)]
  const error = goJsonError(value.toString())
  const hidden = '"<secret contents redacted>"'
  return error === undefined
    ? causes
    : [...causes, cause('FieldValueInvalid', field, `Invalid value: ${hidden}: ${error}`)]
}

function secretChanges(secret: KubeObject, before: KubeObject): Cause[] {
  const causes: Cause[] = []
  if (secret['type'] !== before['type']) causes.push(wrong('type', String(secret['type']), 'field is immutable'))
  if (before['immutable'] !== true) return causes
  const why = 'Forbidden: field is immutable when `immutable` is set'
  if (secret['immutable'] !== true) causes.push(cause('FieldValueForbidden', 'immutable', why))
  const changed = JSON.stringify(secret['data']) !== JSON.stringify(before['data'])
  if (changed) causes.push(cause('FieldValueForbidden', 'data', why))
  return causes
}

/** Roughly what Go's encoding/json says; exact for a word that begins like a literal. */
function goJsonError(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch {
    if (text === '') return 'unexpected end of JSON input'
    const literal = ['null', 'true', 'false'].find((word) => text.startsWith(word.slice(0, 1)))
    if (literal === undefined) return `invalid character '${text.slice(0, 1)}' looking for beginning of value`
    let at = 1
    while (text[at] === literal[at]) at++
    return `invalid character '${text[at] ?? ''}' in literal ${literal} (expecting '${literal[at] ?? ''}')`
  }
}

interface PodSpec {
  containers: { image?: string; [field: string]: unknown }[]
  imagePullSecrets?: { name: string }[]
  [field: string]: unknown
}

function podDefaults(pod: KubeObject): KubeObject {
  const { containers, imagePullSecrets, ...spec } = pod['spec'] as PodSpec
  const notReady = { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }
  const complete = containers.map((container) => ({
    ...container,
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
  }))
  const defaulted = {
    ...{ restartPolicy: 'Always', terminationGracePeriodSeconds: 30, dnsPolicy: 'ClusterFirst', securityContext: {} },
    ...{ schedulerName: 'default-scheduler', priority: 0, enableServiceLinks: true },
    preemptionPolicy: 'PreemptLowerPriority',
    tolerations: ['not-ready', 'unreachable'].map((why) => ({ key: `node.kubernetes.io/${why}`, ...notReady })),
  }
  return {
    ...pod,
    spec: { containers: complete, ...(imagePullSecrets && { imagePullSecrets }), ...defaulted, ...spec },
  }
}

function podCauses(pod: KubeObject): Cause[] {
  return (pod['spec'] as PodSpec).containers.flatMap(({ image = '' }, index) => {
    const field = `spec.containers[${index}].image`
    return image === image.trim() ? [] : [wrong(field, image, 'must not have leading or trailing whitespace')]
  })
}

interface DeploymentSpec {
  readonly selector?: { readonly matchLabels?: Record<string, string> }
  readonly template?: { readonly metadata?: { readonly labels?: Record<string, string> } }
}

function deploymentCauses(deployment: KubeObject, before?: KubeObject): Cause[] {
  const { selector, template } = deployment['spec'] as DeploymentSpec
  if (selector === undefined) return [required('spec.selector')]
  if (before && !same(selector, (before['spec'] as DeploymentSpec).selector)) {
    return [wrong('spec.selector', JSON.stringify(selector), 'field is immutable')]
  }
  const labels = template?.metadata?.labels ?? {}
  const matches = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
  const why = '`selector` does not match template `labels`'
  return matches ? [] : [wrong('spec.template.metadata.labels', JSON.stringify(labels), why)]
}

function pullSecretsOf(pod: KubeObject): { name: string }[] {
  return (pod['spec'] as PodSpec).imagePullSecrets ?? []
}

function cause(reason: string, field: string, message: string): Cause {
  return { reason, message, field }
}

function wrong(field: string, value: string, why: string): Cause {
  return cause('FieldValueInvalid', field, `Invalid value: "${value}": ${why}`)
}

function required(field: string, why?: string): Cause {
  return cause('FieldValueRequired', field, why === undefined ? 'Required value' : `Required value: ${why}`)
}
