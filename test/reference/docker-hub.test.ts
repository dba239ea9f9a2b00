import { describe, expect, it } from 'vitest'
import { isDockerHub } from '../../src/reference/docker-hub.js'

describe('isDockerHub', () => {
  it.each(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'https://index.docker.io/v1/'])(
    '%s is',
    (server) => {
      expect(isDockerHub(server)).toBe(true)
    },
  )

  it.each([
    '',
    'Docker.io',
    'docker.io:443',
    'hub.docker.com',
    'https://index.docker.io/v1',
    'my.docker.io',
    'docker.io.evil.example',
  ])('%j is not', (server) => {
    expect(isDockerHub(server)).toBe(false)
  })
})
