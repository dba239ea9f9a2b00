import { describe, expect, it } from 'vitest'
import { addressKind } from '../../src/registry/addresses.js'
import { endpointOf, isLoopbackHost } from '../../src/registry/endpoint.js'

describe('addressKind', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['10.0.0.0', 'private'],
    ['11.0.0.0', 'public'],
    ['172.15.255.255', 'public'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.168.0.1', 'private'],
    ['192.169.0.1', 'public'],
    ['100.63.255.255', 'public'],
    ['100.64.0.0', 'private'],
    ['100.127.255.255', 'private'],
    ['100.128.0.0', 'public'],
    ['0.0.0.0', 'reserved'],
    ['169.254.169.254', 'reserved'],
    ['198.18.0.1', 'reserved'],
    ['198.20.0.1', 'public'],
    ['224.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['2606:4700::1111', 'public'],
    ['::1', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['::', 'reserved'],
    ['fe80::1', 'reserved'],
    ['fe80::1%eth0', 'reserved'],
    ['fec0::1', 'reserved'],
    ['fc00::1', 'private'],
    ['fdff::1', 'private'],
    ['ff02::1', 'reserved'],
    ['2001:db8::1', 'reserved'],
    ['2001:0:1:2::', 'reserved'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['::ffff:8.8.8.8', 'public'],
    ['::10.0.0.1', 'private'],
    ['64:ff9b::169.254.169.254', 'reserved'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['2002:c0a8:1::1', 'private'],
    ['2002:808:808::1', 'public'],
    ['localhost', 'reserved'],
    ['', 'reserved'],
    ['999.1.1.1', 'reserved'],
  ])('%s is %s', (address, kind) => {
    expect(addressKind(address)).toBe(kind)
  })
})

describe('isLoopbackHost', () => {
  it.each(['localhost', 'localhost.', 'my.localhost', '127.0.0.1', '127.9.9.9', '[::1]', '[::ffff:7f00:1]'])(
    '%s',
    (host) => {
      expect(isLoopbackHost(host)).toBe(true)
    },
  )
  it.each(['localhost.example.com', 'notlocalhost', '10.0.0.1', '[::2]', '127.0.0.1.example.com'])('not %s', (host) => {
    expect(isLoopbackHost(host)).toBe(false)
  })
})

describe('endpointOf', () => {
  it.each<[string, boolean, string[]]>([
    ['docker.io', false, ['https://registry-1.docker.io']],
    ['registry.example.com:5000', false, ['https://registry.example.com:5000']],
    ['Registry.Example.com:443', false, ['https://registry.example.com']],
    ['registry.example.com', true, ['https://registry.example.com', 'http://registry.example.com']],
    ['localhost:5000', false, ['https://localhost:5000', 'http://localhost:5000']],
    ['[::1]:5000', false, ['https://[::1]:5000', 'http://[::1]:5000']],
    ['10.0.0.1:5000', false, ['https://10.0.0.1:5000']],
  ])('%s, insecure: %s', (registry, insecure, origins) => {
    const endpoint = endpointOf(registry, insecure)
    expect(endpoint.origins.map(({ origin }) => origin)).toEqual(origins)
    expect(endpoint.insecure).toBe(insecure)
  })
})
