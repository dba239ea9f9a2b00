/**
 * An image name, taken apart. `registry` is the host with its port (`docker.io` for Docker Hub), `repository` the path
 * on it (`library/alpine`).
 */
export interface ImageReference {
  /** Host, and port where one is given: `registry.example.com:5000`. Docker Hub is `docker.io`. */
  readonly registry: string
  /** Path on the registry, without a leading slash: `library/alpine`. */
  readonly repository: string
  /** `3.18` in `alpine:3.18`. */
  readonly tag?: string
  /** Algorithm and hexadecimal digits: `sha256:…`. */
  readonly digest?: string
}
