/**
 * The `X-Registry-Auth` with which Portainer pulls by the credentials that it keeps itself: standard base64 of
 * `{"registryId":…}`, as Portainer decodes it.
 *
 * @param registryId As `listPortainerRegistries` has it.
 * @throws {TypeError} When it is not a whole number.
 */
export function portainerRegistryHeader(registryId: number): string {
  if (!Number.isSafeInteger(registryId)) throw new TypeError('registryId must be a whole number')
  return btoa(JSON.stringify({ registryId }))
}
